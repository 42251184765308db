namespace X86Pae.Specification;

/// <summary>The least that a register write obliges translation caches to drop (pae-paging 6.2).</summary>
public enum SpecInvalidation
{
    None,
    NonGlobal,
    All,
}
