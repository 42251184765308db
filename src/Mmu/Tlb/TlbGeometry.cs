namespace X86Pae.Tlb;

/// <summary>Shape and policy of one array of translations.</summary>
/// <param name="Sets">Number of sets, a power of two; 0 means there is no such array.</param>
/// <param name="Ways">Entries in a set, 1 to 128.</param>
/// <param name="Replacement">Which entry makes room; tree pseudo-LRU needs a power of two up to 64, three trees twelve ways.</param>
/// <param name="Index">How a page number selects a set.</param>
public readonly record struct TlbGeometry(
    int Sets, int Ways, Replacement Replacement = Replacement.TreePlru, SetIndex Index = SetIndex.Linear)
{
    /// <summary>No array: every lookup misses.</summary>
    public static TlbGeometry None => default;

    /// <summary>Number of entries.</summary>
    public int Entries => Sets * Ways;
}
