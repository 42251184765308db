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

    private readonly Replacement _policy;
    private readonly int _ways;
    private readonly UseCounter _counter;
    private readonly UseOfWay[] _uses;
    private readonly PinnedBuffer? _nothing; // stands for the state that a single way does not have
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
        KeepsAges = policy is Replacement.Lru or Replacement.Fifo;
        WordsInSet = ways == 1 ? 0 : KeepsAges ? (ways + Vector256<long>.Count - 1) & -Vector256<long>.Count : 1;
        _nothing = ways == 1 ? new PinnedBuffer(sizeof(ulong)) : null;
        _uses = KeepsAges ? [] : [.. Enumerable.Range(0, ways).Select(MaskedUseOf)];
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

    /// <summary>Number of words of state that a set has; none where there is no choice.</summary>
    public int WordsInSet { get; }

    private bool KeepsAges { get; }

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
        if (_ways == 1)
        {
            return;
        }

        if (!KeepsAges)
        {
            UseOfWay use = _uses[way];
            *state = (*state & use.Kept) | use.Added;
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
        if (KeepsAges && _ways > 1)
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
    public int Victim(ulong* state) => _policy switch
    {
        Replacement.TreePlru when _ways == TreeWays => TreePlru.VictimOfFour(*state),
        _ when _ways == 1 => 0,
        Replacement.TreePlru => TreePlru.Victim(*state, _ways),
        Replacement.ThreeTrees => TreeVictim(*state),
        Replacement.Random => RandomWay(),
        _ => Oldest((long*)state),
    };

    /// <summary>What a use of an entry does, to be done again without this policy.</summary>
    /// <param name="state">First word of its set.</param>
    /// <param name="way">Its way.</param>
    public EntryUse UseOf(ulong* state, int way) => _policy switch
    {
        _ when _nothing is not null => new((ulong*)_nothing.Start, ulong.MaxValue, 0),
        Replacement.Lru => EntryUse.Ageing(state + way),
        Replacement.Fifo => new(state, ulong.MaxValue, 0),
        _ => new(state, _uses[way].Kept, _uses[way].Added),
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

    private UseOfWay MaskedUseOf(int way)
    {
        switch (_policy)
        {
            case Replacement.TreePlru:
                return new(TreePlru.Touch(ulong.MaxValue, way, _ways), TreePlru.Touch(0, way, _ways));
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

    /// <summary>What the use of a way does to the word of its set.</summary>
    /// <param name="Kept">The bits that stay.</param>
    /// <param name="Added">The bits that are set.</param>
    private readonly record struct UseOfWay(ulong Kept, ulong Added);
}
