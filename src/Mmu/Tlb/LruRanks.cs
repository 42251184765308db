// The order in which the ways of a set were used, as a rank for each: 0 is the way used last, ways - 1 the one used longest ago.
//
//   +-------+-------+-- --+-------+---------+--
//   | way 0 | way 1 | ... | way n | surplus |       a byte each, up to a whole vector; surplus ways have the highest rank of a byte
//   +-------+-------+-- --+-------+---------+--
//
//   All ways are ranked at once: which way is used is random, and a branch on it would be mispredicted.

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace X86Pae.Tlb;

/// <summary>True LRU over the ways of a set, of a TLB or of a data cache.</summary>
internal static unsafe class LruRanks
{
    /// <summary>Most ways whose ranks are one vector.</summary>
    public const int WaysOfAVector = 16;

    private const sbyte SurplusRank = sbyte.MaxValue;

    /// <summary>Bytes of the ranks of a set.</summary>
    /// <param name="ways">Number of ways, 1 to 128.</param>
    public static int SizeOf(int ways) => (ways + WaysOfAVector - 1) & -WaysOfAVector;

    /// <summary>Ranks the ways of a set in which nothing was used: the first one is the oldest.</summary>
    /// <param name="ranks">The ranks of the set.</param>
    /// <param name="ways">Number of ways.</param>
    public static void Initialise(sbyte* ranks, int ways)
    {
        new Span<sbyte>(ranks, SizeOf(ways)).Fill(SurplusRank);
        for (int way = 0; way < ways; way++)
        {
            ranks[way] = (sbyte)(ways - 1 - way);
        }
    }

    /// <summary>A way was used: those used since it was used last lose one rank to it.</summary>
    /// <param name="ranks">The ranks of a set of at most <see cref="WaysOfAVector"/> ways.</param>
    /// <param name="way">The way.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every lookup that hits
    public static void Use(sbyte* ranks, nuint way) => MakeMostRecent(ranks, Vector128.Create(ranks[way]));

    /// <summary>The same in a set of any number of ways.</summary>
    /// <param name="ranks">The ranks of the set.</param>
    /// <param name="way">The way.</param>
    /// <param name="size">Bytes of the ranks, from <see cref="SizeOf"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every lookup that hits
    public static void Use(sbyte* ranks, int way, int size)
    {
        Vector128<sbyte> used = Vector128.Create(ranks[way]);
        for (int first = 0; first < size; first += WaysOfAVector)
        {
            MakeMostRecent(ranks + first, used);
        }
    }

    /// <summary>The way that was used longest ago.</summary>
    /// <param name="ranks">The ranks of the set.</param>
    /// <param name="ways">Number of ways.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    public static int Oldest(sbyte* ranks, int ways)
    {
        Vector128<sbyte> last = Vector128.Create((sbyte)(ways - 1));
        int way = 0;
        uint found;
        while ((found = Vector128.Equals(Vector128.Load(ranks + way), last).ExtractMostSignificantBits()) == 0)
        {
            way += WaysOfAVector;
        }

        return way + BitOperations.TrailingZeroCount(found);
    }

    /// <summary>Raises the ranks of a vector that are below that of the way used, which becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // five vector instructions
    private static void MakeMostRecent(sbyte* ranks, Vector128<sbyte> used)
    {
        // A comparison gives -1 where it holds. The way itself is alone of its rank.
        Vector128<sbyte> all = Vector128.Load(ranks);
        Vector128.Store(Vector128.AndNot(all - Vector128.LessThan(all, used), Vector128.Equals(all, used)), ranks);
    }
}
