namespace X86Pae.Tlb;

/// <summary>Shape of one array of translations.</summary>
/// <param name="Sets">Number of sets, a power of two; a page's low bits select one. 0 means there is no such array.</param>
/// <param name="Ways">Entries in a set, a power of two from 1 to 64.</param>
public readonly record struct TlbGeometry(int Sets, int Ways)
{
    /// <summary>No array: every lookup misses.</summary>
    public static TlbGeometry None => default;

    /// <summary>Number of entries.</summary>
    public int Entries => Sets * Ways;
}
