namespace X86Pae.Specification;

/// <summary>What CPUID enumerates (docs/rules.md, C72).</summary>
public sealed record SpecFeatures(
    int MaxPhyAddr,
    bool Pae = true,
    bool Pse = true,
    bool Pse36 = true,
    bool Pge = true,
    bool Pat = true,
    bool Nx = true,
    bool Smep = true,
    bool Smap = true,
    bool Invpcid = true,
    uint OtherCr4 = 0);
