// What the policies remember of a set, and the table that makes a use of an entry one store.
//
//   TreePlru     one word    bit n is node n of the tree; see TreePlru
//   ThreeTrees   one word    34    32        11   8 7    4 3    0
//                           +--------+------+------+------+------+
//                           | last   |      | tree | tree | tree |     state of tree n in bits 4n + 3 to 4n + 1
//                           | tree   |      |  2   |  1   |  0   |
//                           +--------+------+------+------+------+
//   Lru, Fifo    up to 16 ways: their ranks by when they were used, or filled, last; see UseOrder
//                more: a word that counts uses, and one for each way with the count when it was used last, its age
//   Random       one word that stays 0
//
// To use the entry that was used last once more changes no later victim, whatever the policy.

using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using X86Pae.Memory;

namespace X86Pae.Tlb;

/// <summary>Which entries of an array make room. The state of each set is with the set.</summary>
internal sealed unsafe class ReplacementPolicy
{
    /// <summary>Most ways that a set can have.</summary>
    public const int MaxWays = 128;

    private const int TreeWays = 4;
    private const int TreeBits = 4;
    private const int LastTreeShift = 32;
    private const ulong Seed = 0x9E37_79B9_7F4A_7C15;

    // One for each kind of set, whatever the number of arrays and processors.
    private static readonly ConcurrentDictionary<(Replacement Policy, int Ways), PinnedBuffer> Tables = new();

    private readonly Replacement _policy;
    private readonly int _ways;
    private readonly bool _keepsRanks;
    private readonly bool _keepsAges; // a use costs the same however many ways there are
    private ulong _random = Seed;

    /// <summary>Creates a policy for sets of some number of ways.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="ways">Entries in a set.</param>
    /// <exception cref="ArgumentException">The policy does not exist for that many ways.</exception>
    public ReplacementPolicy(Replacement policy, int ways)
    {
        if (!IsPossible(policy, ways))
        {
            throw new ArgumentException($"{policy} replacement is not possible in sets of {ways}.", nameof(ways));
        }

        _policy = policy;
        _ways = ways;
        bool isOrdered = ways > 1 && policy is Replacement.Lru or Replacement.Fifo;
        _keepsRanks = isOrdered && ways <= UseOrder.WaysOfAVector;
        _keepsAges = isOrdered && !_keepsRanks;
        RanksUses = _keepsRanks && policy == Replacement.Lru;
        AgesUses = _keepsAges && policy == Replacement.Lru;
        WordsInSet = ways == 1 ? 0
            : _keepsRanks ? UseOrder.SizeOf(ways) / sizeof(ulong)
            : _keepsAges ? 1 + AgesOf(ways)
            : 1;
        Uses = (UseOfWay*)Tables.GetOrAdd((policy, ways), TableOf).Start;
    }

    /// <summary>Whether a policy exists for so many ways.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="ways">Entries in a set.</param>
    public static bool IsPossible(Replacement policy, int ways) => policy switch
    {
        Replacement.TreePlru => BitOperations.IsPow2(ways) && ways <= 64,
        Replacement.ThreeTrees => ways == 3 * TreeWays,
        Replacement.Lru or Replacement.Fifo or Replacement.Random => ways is >= 1 and <= MaxWays,
        _ => false,
    };

    /// <summary>Whether a use makes a way the first by its rank; see <see cref="UseOrder"/>.</summary>
    public bool RanksUses { get; }

    /// <summary>Whether a use gives a way the highest age.</summary>
    public bool AgesUses { get; }

    /// <summary>What the use of each way does to the state of a set.</summary>
    public UseOfWay* Uses { get; }

    /// <summary>Number of words of state that a set has; none where there is no choice.</summary>
    public int WordsInSet { get; }

    /// <summary>Writes the state of a set in which nothing was used; the words are 0.</summary>
    /// <param name="state">First word of the set.</param>
    public void Initialise(ulong* state)
    {
        if (_keepsRanks)
        {
            UseOrder.Initialise((sbyte*)state, _ways);
        }
        else if (_keepsAges)
        {
            new Span<ulong>(state, WordsInSet)[(1 + _ways)..].Fill(long.MaxValue); // surplus ways are never the oldest
        }
    }

    /// <summary>An entry was used.</summary>
    /// <param name="state">First word of its set.</param>
    /// <param name="way">Its way.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every lookup
    public void Touch(ulong* state, int way)
    {
        if (RanksUses)
        {
            UseOrder.Use((sbyte*)state, (nuint)way); // without the call
        }
        else
        {
            Uses[way].ApplyTo(state);
        }
    }

    /// <summary>An entry was filled, which is also a use.</summary>
    /// <param name="state">First word of its set.</param>
    /// <param name="way">Its way.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    public void Fill(ulong* state, int way)
    {
        if (_policy == Replacement.Fifo && _ways > 1)
        {
            (_keepsRanks ? UseOfWay.Ranked(way) : UseOfWay.Aged(way)).ApplyTo(state);
        }
        else
        {
            Touch(state, way);
        }
    }

    /// <summary>The way to replace in a set without an empty way.</summary>
    /// <param name="state">First word of the set.</param>
    public int Victim(ulong* state) => _policy switch
    {
        _ when _ways == 1 => 0,
        Replacement.TreePlru => TreePlru.Victim(*state, _ways),
        Replacement.ThreeTrees => TreeVictim(*state),
        Replacement.Random => RandomWay(),
        _ => _keepsRanks ? UseOrder.Oldest((sbyte*)state, _ways) : Oldest((long*)state + 1),
    };

    /// <summary>The first way with the lowest age.</summary>
    private int Oldest(long* ages)
    {
        int count = AgesOf(_ways);
        Vector256<long> lowest = Vector256.Load(ages);
        for (int i = Vector256<long>.Count; i < count; i += Vector256<long>.Count)
        {
            lowest = Vector256.Min(lowest, Vector256.Load(ages + i));
        }

        Vector128<long> two = Vector128.Min(lowest.GetLower(), lowest.GetUpper());
        return new ReadOnlySpan<long>(ages, count).IndexOf(Math.Min(two[0], two[1]));
    }

    private static int AgesOf(int ways) => (ways + Vector256<long>.Count - 1) & -Vector256<long>.Count;

    private static int TreeVictim(ulong word)
    {
        int tree = ((int)(word >> LastTreeShift) + 1) % 3;
        return (tree * TreeWays) + TreePlru.VictimOfFour(word >> (tree * TreeBits));
    }

    private static PinnedBuffer TableOf((Replacement Policy, int Ways) sets)
    {
        var table = new PinnedBuffer(sets.Ways * sizeof(UseOfWay));
        for (int way = 0; way < sets.Ways; way++)
        {
            ((UseOfWay*)table.Start)[way] = Use(sets.Policy, sets.Ways, way);
        }

        return table;
    }

    private static UseOfWay Use(Replacement policy, int ways, int way)
    {
        switch (policy)
        {
            case Replacement.TreePlru when ways > 1:
                return new(TreePlru.Touch(ulong.MaxValue, way, ways), TreePlru.Touch(0, way, ways));
            case Replacement.ThreeTrees:
                int tree = way / TreeWays;
                int shift = tree * TreeBits;
                ulong kept = TreePlru.Touch(ulong.MaxValue, way % TreeWays, TreeWays) << shift | ~(0xFUL << shift);
                ulong added = TreePlru.Touch(0, way % TreeWays, TreeWays) << shift;
                return new(kept & ((1UL << LastTreeShift) - 1), added | ((ulong)tree << LastTreeShift));
            case Replacement.Lru when ways > 1:
                return ways <= UseOrder.WaysOfAVector ? UseOfWay.Ranked(way) : UseOfWay.Aged(way);
            default:
                return UseOfWay.Nothing;
        }
    }

    private int RandomWay()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (int)(_random % (uint)_ways);
    }
}
