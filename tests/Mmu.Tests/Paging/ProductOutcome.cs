namespace X86Pae.Tests.Paging;

/// <summary>Where a walk ends, in the order of the checks (docs/rules.md, C31).</summary>
internal enum ProductOutcome
{
    PdeNotPresent,
    PdeReserved,
    PteNotPresent,
    PteReserved,
    Denied,
    Translated,
}
