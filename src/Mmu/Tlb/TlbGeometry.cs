using System.Numerics;

namespace X86Pae.Tlb;

/// <summary>Shape and policy of one array of translations.</summary>
/// <param name="Sets">Number of sets, a power of two; 0 means there is no such array.</param>
/// <param name="Ways">Entries in a set, 1 to 128.</param>
/// <param name="Replacement">Which entry makes room; tree pseudo-LRU needs a power of two up to 64, three trees twelve ways.</param>
/// <param name="Index">How a page number selects a set.</param>
public readonly record struct TlbGeometry(
    int Sets, int Ways, Replacement Replacement = Replacement.TreePlru, SetIndex Index = SetIndex.Linear)
{
    private const int MaxEntries = 1 << 20;

    /// <summary>No array: every lookup misses.</summary>
    public static TlbGeometry None => default;

    /// <summary>Number of entries.</summary>
    public int Entries => Sets * Ways;

    /// <summary>Why there can be no such array; null if there can.</summary>
    internal string? Problem => this switch
    {
        { Sets: 0 } => null,
        _ when Sets < 0 || !BitOperations.IsPow2(Sets) => $"{nameof(Sets)} is {Sets}, not a power of two.",
        _ when (long)Sets * Ways > MaxEntries => $"{Sets} sets of {Ways} are more than one entry for each page.",
        _ when !ReplacementPolicy.IsPossible(Replacement, Ways) => $"{Replacement} replacement is not possible in sets of {Ways}.",
        { Index: not (SetIndex.Linear or SetIndex.Xor) } => $"{nameof(Index)} {Index} is not defined.",
        _ => null,
    };
}
