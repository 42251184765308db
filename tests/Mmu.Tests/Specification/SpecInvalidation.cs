namespace X86Pae.Tests.Specification;

/// <summary>The least that a register write obliges translation caches to drop (pae-paging 6.2).</summary>
internal enum SpecInvalidation
{
    None,
    NonGlobal,
    All,
}
