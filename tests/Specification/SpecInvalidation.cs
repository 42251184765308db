namespace X86Pae.Specification;

/// <summary>The least that a register write obliges translation caches to drop (docs/rules.md, C51).</summary>
public enum SpecInvalidation
{
    None,
    NonGlobal,
    All,
}
