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
internal static unsafe class UseOrder
{
    /// <summary>Most ways that can be ranked.</summary>
    public const int MaxWays = 128;

    private const sbyte SurplusRank = sbyte.MaxValue;

    /// <summary>Bytes of the ranks of a set.</summary>
    /// <param name="ways">Number of ways, 1 to <see cref="MaxWays"/>.</param>
    public static int SizeOf(int ways)
    {
        int vector = ways <= Vector128<sbyte>.Count ? Vector128<sbyte>.Count : Vector256<sbyte>.Count;
        return (ways + vector - 1) & -vector;
    }

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
    /// <param name="ranks">The ranks of the set.</param>
    /// <param name="way">The way.</param>
    /// <param name="size">Bytes of the ranks, from <see cref="SizeOf"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every lookup that hits
    public static void Use(sbyte* ranks, int way, int size)
    {
        sbyte rank = ranks[way];
        if (size == Vector128<sbyte>.Count)
        {
            // A comparison gives -1 where it holds. The way itself, alone of its rank, becomes 0.
            Vector128<sbyte> all = Vector128.Load(ranks);
            Vector128<sbyte> used = Vector128.Create(rank);
            Vector128.Store(Vector128.AndNot(all - Vector128.LessThan(all, used), Vector128.Equals(all, used)), ranks);
        }
        else
        {
            UseOfMany(ranks, rank, size);
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
            way += Vector128<sbyte>.Count;
        }

        return way + BitOperations.TrailingZeroCount(found);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the use of a narrow set small
    private static void UseOfMany(sbyte* ranks, sbyte rank, int size)
    {
        Vector256<sbyte> used = Vector256.Create(rank);
        for (int first = 0; first < size; first += Vector256<sbyte>.Count)
        {
            Vector256<sbyte> all = Vector256.Load(ranks + first);
            Vector256.Store(
                Vector256.AndNot(all - Vector256.LessThan(all, used), Vector256.Equals(all, used)), ranks + first);
        }
    }
}
