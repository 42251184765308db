namespace X86Pae.Tests.Specification;

/// <summary>What CPUID enumerates (pae-paging 1.2).</summary>
internal sealed record SpecFeatures(
    int MaxPhyAddr,
    bool Pae = true,
    bool Pse = true,
    bool Pse36 = true,
    bool Pge = true,
    bool Pat = true,
    bool Nx = true,
    bool Smep = true,
    bool Smap = true,
    uint OtherCr4 = 0);
