using System.Numerics;

namespace X86Pae.Tlb;

/// <summary>Shape and policy of one array of translations.</summary>
/// <param name="Sets">Number of sets, a power of two; 0 means there is no such array.</param>
/// <param name="Ways">Entries in a set, 1 to 128.</param>
/// <param name="Replacement">
/// Which entry makes room; tree pseudo-LRU needs a power of two up to 64, three trees twelve ways.
/// </param>
/// <param name="Index">How a page number selects a set.</param>
public readonly record struct TlbGeometry(
    int Sets, int Ways, Replacement Replacement = Replacement.TreePlru, SetIndex Index = SetIndex.Linear)
{
    /// <summary>Largest number of ways.</summary>
    public const int MaxWays = ReplacementPolicy.MaxWays;

    private const int MaxEntries = 1 << 20;

    /// <summary>No array: every lookup misses.</summary>
    public static TlbGeometry None => default;

    /// <summary>Number of entries.</summary>
    public int Entries => Sets * Ways;

    /// <summary>
    /// What logical processors of one core that are both in use have of it; without a sibling it does not matter.
    /// </summary>
    public SiblingSharing Siblings { get; init; }

    /// <summary>
    /// What one of two siblings has: all of it, or half. Intel parts that split an array keep its ways and halve its sets
    /// (Skylake's instruction TLB: 16 sets of 8 without a sibling, vusec/tlbdr; 8 sets of 8 with one, Gras et al. 2018,
    /// recalled), or halve its ways where it is fully associative (Pentium 4: CPUID leaf 2 names 128 entries, 64 with
    /// Hyper-Threading on).
    /// </summary>
    internal TlbGeometry ForSibling => Siblings != SiblingSharing.Partitioned ? this
        : Sets > 1 ? this with { Sets = Sets / 2, Siblings = SiblingSharing.Replicated }
        : this with { Ways = Ways / 2, Siblings = SiblingSharing.Replicated };

    /// <summary>
    /// Whether <see cref="Siblings"/> is possible: a partitioned array must have two halves with the same replacement.
    /// </summary>
    public bool CanBeShared =>
        ForSibling == this || (ForSibling.Entries * 2 == Entries && ReplacementPolicy.IsPossible(Replacement, ForSibling.Ways));

    /// <summary>Why there can be no such array; null if there can.</summary>
    internal string? Problem => this switch
    {
        { Sets: 0 } => null,
        _ when !BitOperations.IsPow2(Sets) => $"{nameof(Sets)} is {Sets}, not a power of two.",
        _ when (long)Sets * Ways > MaxEntries => $"{Sets} sets of {Ways} are more than one entry for each page.",
        _ when !ReplacementPolicy.IsPossible(Replacement, Ways) => $"{Replacement} replacement is not possible in sets of {Ways}.",
        { Index: not (SetIndex.Linear or SetIndex.Xor) } => $"{nameof(Index)} {Index} is not defined.",
        { Siblings: > SiblingSharing.Replicated } => $"{nameof(Siblings)} {Siblings} is not defined.",
        { CanBeShared: false } => $"{Sets} sets of {Ways} with {Replacement} replacement cannot be partitioned.",
        _ => null,
    };
}

/// <summary>Which entry of a set makes room for a new one.</summary>
public enum Replacement : byte
{
    /// <summary>Tree pseudo-LRU over a power of two of ways.</summary>
    TreePlru,

    /// <summary>The entry used longest ago.</summary>
    Lru,

    /// <summary>The entry filled longest ago.</summary>
    Fifo,

    /// <summary>Any entry, from a fixed seed.</summary>
    Random,

    /// <summary>
    /// Three trees of four ways each; the tree after the one used last gives the victim (second level of Kaby Lake; vusec/tlbdr).
    /// </summary>
    ThreeTrees,
}

/// <summary>How a page number selects a set.</summary>
public enum SetIndex : byte
{
    /// <summary>By its low bits.</summary>
    Linear,

    /// <summary>By the exclusive or of its two lowest fields of that many bits (second level of Skylake; vusec/tlbdr).</summary>
    Xor,
}

/// <summary>What the logical processors of one core, both in use, have of an array (Intel optimization manual, Hyper-Threading).</summary>
public enum SiblingSharing : byte
{
    /// <summary>
    /// All of it: they compete for the room. Entries are tagged by logical processor, so neither uses nor drops the other's.
    /// </summary>
    Shared,

    /// <summary>
    /// A fixed half each: half of the sets, or half of the ways where there is one set. A logical processor without a sibling
    /// has all of it.
    /// </summary>
    Partitioned,

    /// <summary>One of their own each, of the full size.</summary>
    Replicated,
}
