// What the policies remember of a set, and the table that makes a use of an entry one masked store.
//
//   TreePlru     one word    bit n is node n of the tree; see TreePlru
//   ThreeTrees   one word    34    32        11   8 7    4 3    0
//                           +--------+------+------+------+------+
//                           | last   |      | tree | tree | tree |     state of tree n in bits 4n + 3 to 4n + 1
//                           | tree   |      |  2   |  1   |  0   |
//                           +--------+------+------+------+------+
//   Lru, Fifo    a word for each way: the count of uses when it was used, or filled, last
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
    private readonly UseCounter _counter;
    private readonly bool _isTreeOfFour; // the usual case, tested first
    private ulong _random = Seed;

    /// <summary>Creates a policy for sets of some number of ways.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="ways">Entries in a set.</param>
    /// <param name="counter">Counts uses, for the policies that keep ages.</param>
    /// <exception cref="ArgumentException">The policy does not exist for that many ways.</exception>
    public ReplacementPolicy(Replacement policy, int ways, UseCounter counter)
    {
        if (!IsPossible(policy, ways))
        {
            throw new ArgumentException($"{policy} replacement is not possible in sets of {ways}.", nameof(ways));
        }

        _policy = policy;
        _ways = ways;
        _counter = counter;
        KeepsAges = ways > 1 && policy is Replacement.Lru or Replacement.Fifo;
        _isTreeOfFour = policy == Replacement.TreePlru && ways == TreeWays;
        WordsInSet = ways == 1 ? 0 : KeepsAges ? (ways + Vector256<long>.Count - 1) & -Vector256<long>.Count : 1;
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

    /// <summary>Whether a set has an age for each way; then <see cref="Uses"/> change nothing.</summary>
    public bool KeepsAges { get; }

    /// <summary>What the use of each way does to the word of a set.</summary>
    public UseOfWay* Uses { get; }

    /// <summary>Number of words of state that a set has; none where there is no choice.</summary>
    public int WordsInSet { get; }

    /// <summary>Writes the state of a set in which nothing was used; the words are 0.</summary>
    /// <param name="state">First word of the set.</param>
    public void Initialise(ulong* state)
    {
        if (KeepsAges)
        {
            new Span<ulong>(state, WordsInSet)[_ways..].Fill(long.MaxValue); // surplus ways are never the oldest
        }
    }

    /// <summary>An entry was used.</summary>
    /// <param name="state">First word of its set.</param>
    /// <param name="way">Its way.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every lookup
    public void Touch(ulong* state, int way)
    {
        if (!KeepsAges)
        {
            Uses[way].ApplyTo(state);
        }
        else if (_policy == Replacement.Lru)
        {
            state[way] = _counter.Next();
        }
    }

    /// <summary>An entry was filled, which is also a use.</summary>
    /// <param name="state">First word of its set.</param>
    /// <param name="way">Its way.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    public void Fill(ulong* state, int way)
    {
        if (KeepsAges)
        {
            state[way] = _counter.Next();
        }
        else
        {
            Touch(state, way);
        }
    }

    /// <summary>The way to replace in a set without an empty way.</summary>
    /// <param name="state">First word of the set.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    public int Victim(ulong* state) => _isTreeOfFour ? TreePlru.VictimOfFour(*state) : OtherVictim(state);

    /// <summary>What a use of an entry does, to be done again without this policy.</summary>
    /// <param name="state">First word of its set.</param>
    /// <param name="way">Its way.</param>
    public EntryUse UseOf(ulong* state, int way) => _policy switch
    {
        Replacement.Lru when KeepsAges => EntryUse.Ageing(state + way),
        _ => new(state, Uses[way].Kept, Uses[way].Added),
    };

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual case small
    private int OtherVictim(ulong* state) => _policy switch
    {
        _ when _ways == 1 => 0,
        Replacement.TreePlru => TreePlru.Victim(*state, _ways),
        Replacement.ThreeTrees => TreeVictim(*state),
        Replacement.Random => RandomWay(),
        _ => Oldest((long*)state),
    };

    private static int TreeVictim(ulong word)
    {
        int tree = ((int)(word >> LastTreeShift) + 1) % 3;
        return (tree * TreeWays) + TreePlru.VictimOfFour(word >> (tree * TreeBits));
    }

    /// <summary>The first way with the lowest age.</summary>
    private int Oldest(long* ages)
    {
        Vector256<long> lowest = Vector256.Load(ages);
        for (int i = Vector256<long>.Count; i < WordsInSet; i += Vector256<long>.Count)
        {
            lowest = Vector256.Min(lowest, Vector256.Load(ages + i));
        }

        Vector128<long> two = Vector128.Min(lowest.GetLower(), lowest.GetUpper());
        return new ReadOnlySpan<long>(ages, WordsInSet).IndexOf(Math.Min(two[0], two[1]));
    }

    private static PinnedBuffer TableOf((Replacement Policy, int Ways) sets)
    {
        var table = new PinnedBuffer(sets.Ways * sizeof(UseOfWay));
        for (int way = 0; way < sets.Ways; way++)
        {
            ((UseOfWay*)table.Start)[way] = MaskedUseOf(sets.Policy, sets.Ways, way);
        }

        return table;
    }

    private static UseOfWay MaskedUseOf(Replacement policy, int ways, int way)
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
            default:
                return new(ulong.MaxValue, 0);
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
