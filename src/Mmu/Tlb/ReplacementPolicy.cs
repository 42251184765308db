// What the policies remember of a set, and what the use of a way does to it.
//
//   TreePlru     one word    bit n is node n of the tree; see TreePlru
//   ThreeTrees   one word    34    32        11   8 7    4 3    0
//                           +--------+------+------+------+------+
//                           | last   |      | tree | tree | tree |     state of tree n in bits 4n + 3 to 4n + 1
//                           | tree   |      |  2   |  1   |  0   |
//                           +--------+------+------+------+------+
//   Lru, Fifo    up to 16 ways: their ranks by when they were used, or filled, last; see LruRanks
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

    // Masks for each way: the bits of the word that a use keeps, and those that it sets. One table for each kind of set.
    private static readonly ConcurrentDictionary<(Replacement Policy, int Ways), PinnedBuffer> Tables = new();

    private readonly Replacement _policy;
    private readonly int _ways;
    private readonly bool _keepsRanks;
    private readonly bool _keepsAges; // a use costs the same however many ways there are
    private readonly bool _isLru;
    private readonly TreeUse* _treeUses; // by way; they change nothing where there is no tree
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
        _keepsRanks = isOrdered && ways <= LruRanks.WaysOfAVector;
        _keepsAges = isOrdered && !_keepsRanks;
        _isLru = policy == Replacement.Lru;
        WordsInSet = ways == 1 ? 0
            : _keepsRanks ? LruRanks.SizeOf(ways) / sizeof(ulong)
            : _keepsAges ? 1 + AgesOf(ways)
            : 1;
        _treeUses = (TreeUse*)Tables.GetOrAdd((policy, ways), TableOf).Start;
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

    /// <summary>Whether the order of uses is kept, for true LRU.</summary>
    public bool OrdersUses => _isLru && _ways > 1;

    /// <summary>Whether the order is a rank for each way; see <see cref="LruRanks"/>.</summary>
    public bool HasRanks => _keepsRanks;

    /// <summary>Number of words of state that a set has; none where there is no choice.</summary>
    public int WordsInSet { get; }

    /// <summary>Writes the state of a set in which nothing was used; the words are 0.</summary>
    /// <param name="state">First word of the set.</param>
    public void Initialise(ulong* state)
    {
        if (_keepsRanks)
        {
            LruRanks.Initialise((sbyte*)state, _ways);
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
        if (_isLru)
        {
            MakeLatest(state, way);
        }
        else
        {
            *state = (*state & _treeUses[way].Kept) | _treeUses[way].Set;
        }
    }

    /// <summary>An entry was filled, which is also a use.</summary>
    /// <param name="state">First word of its set.</param>
    /// <param name="way">Its way.</param>
    public void Fill(ulong* state, int way)
    {
        if (_policy == Replacement.Fifo)
        {
            MakeLatest(state, way);
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
        _ => _keepsRanks ? LruRanks.Oldest((sbyte*)state, _ways) : Oldest((long*)state + 1),
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
        var table = new PinnedBuffer(sets.Ways * sizeof(TreeUse));
        for (int way = 0; way < sets.Ways; way++)
        {
            ((TreeUse*)table.Start)[way] = sets.Policy switch
            {
                Replacement.TreePlru when sets.Ways > 1 =>
                    new(TreePlru.Touch(ulong.MaxValue, way, sets.Ways), TreePlru.Touch(0, way, sets.Ways)),
                Replacement.ThreeTrees => UseOfOneTree(way / TreeWays, way % TreeWays),
                _ => new(ulong.MaxValue, 0),
            };
        }

        return table;
    }

    private static TreeUse UseOfOneTree(int tree, int way)
    {
        int shift = tree * TreeBits;
        ulong kept = TreePlru.Touch(ulong.MaxValue, way, TreeWays) << shift | ~(0xFUL << shift);
        ulong set = TreePlru.Touch(0, way, TreeWays) << shift;
        return new(kept & ((1UL << LastTreeShift) - 1), set | ((ulong)tree << LastTreeShift));
    }

    /// <summary>Makes a way the one that was used, or filled, last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every lookup under true LRU
    private void MakeLatest(ulong* state, int way)
    {
        if (_keepsRanks)
        {
            LruRanks.Use((sbyte*)state, (nuint)way);
        }
        else if (_keepsAges)
        {
            state[1 + way] = ++*state;
        }
    }

    private int RandomWay()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (int)(_random % (uint)_ways);
    }

    /// <summary>The bits of a word of trees that the use of a way keeps, and those that it sets.</summary>
    private readonly record struct TreeUse(ulong Kept, ulong Set);
}
