using System.Numerics;

namespace X86Pae.Tlb;

/// <summary>What an array remembers to choose its victims: a word for each set, or an age for each entry.</summary>
internal sealed class ReplacementState
{
    private const int TreeWays = 4;
    private const int TreeBits = 4;
    private const int LastTreeShift = 32;
    private const ulong Seed = 0x9E37_79B9_7F4A_7C15;

    private readonly Replacement _policy;
    private readonly int _ways;
    private readonly ulong[] _words;
    private readonly uint[] _ages;
    private uint _clock;
    private ulong _random = Seed;

    /// <summary>Creates the state of an array in which nothing was used.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="sets">Number of sets.</param>
    /// <param name="ways">Entries in a set.</param>
    /// <exception cref="ArgumentException">The policy does not exist for that many ways.</exception>
    public ReplacementState(Replacement policy, int sets, int ways)
    {
        bool possible = policy switch
        {
            Replacement.TreePlru => BitOperations.IsPow2(ways) && ways <= 64,
            Replacement.ThreeTrees => ways == 3 * TreeWays,
            _ => ways is >= 1 and <= 128,
        };
        if (!possible)
        {
            throw new ArgumentException($"{policy} replacement is not possible in sets of {ways}.", nameof(ways));
        }

        _policy = policy;
        _ways = ways;
        _words = policy is Replacement.TreePlru or Replacement.ThreeTrees ? new ulong[sets] : [];
        _ages = policy is Replacement.Lru or Replacement.Fifo ? new uint[sets * ways] : [];
    }

    /// <summary>An entry was used.</summary>
    /// <param name="set">Its set.</param>
    /// <param name="way">Its way.</param>
    public void Touch(int set, int way)
    {
        switch (_policy)
        {
            case Replacement.TreePlru:
                _words[set] = TreePlru.Touch(_words[set], way, _ways);
                break;
            case Replacement.Lru:
                _ages[(set * _ways) + way] = ++_clock;
                break;
            case Replacement.ThreeTrees:
                TouchTree(ref _words[set], way);
                break;
        }
    }

    /// <summary>An entry was filled, which is also a use.</summary>
    /// <param name="set">Its set.</param>
    /// <param name="way">Its way.</param>
    public void Fill(int set, int way)
    {
        if (_policy == Replacement.Fifo)
        {
            _ages[(set * _ways) + way] = ++_clock;
        }
        else
        {
            Touch(set, way);
        }
    }

    /// <summary>The way to replace in a set without an empty way.</summary>
    /// <param name="set">The set.</param>
    public int Victim(int set) => _policy switch
    {
        Replacement.TreePlru => TreePlru.Victim(_words[set], _ways),
        Replacement.ThreeTrees => TreeVictim(_words[set]),
        Replacement.Random => RandomWay(),
        _ => Oldest(_ages.AsSpan(set * _ways, _ways)),
    };

    //   word   34   32        11   8 7    4 3    0
    //         +-------+------+------+------+------+
    //         | last  |      | tree | tree | tree |     state of tree n in bits 4n + 3 to 4n + 1
    //         | tree  |      |  2   |  1   |  0   |
    //         +-------+------+------+------+------+
    private static void TouchTree(ref ulong word, int way)
    {
        int tree = way / TreeWays;
        int shift = tree * TreeBits;
        ulong state = TreePlru.Touch((word >> shift) & 0xF, way % TreeWays, TreeWays);
        ulong kept = word & ~(0xFUL << shift) & ((1UL << LastTreeShift) - 1);
        word = kept | (state << shift) | ((ulong)tree << LastTreeShift);
    }

    private static int TreeVictim(ulong word)
    {
        int tree = ((int)(word >> LastTreeShift) + 1) % 3;
        return (tree * TreeWays) + TreePlru.Victim((word >> (tree * TreeBits)) & 0xF, TreeWays);
    }

    private static int Oldest(ReadOnlySpan<uint> ages)
    {
        int oldest = 0;
        for (int way = 1; way < ages.Length; way++)
        {
            oldest = ages[way] < ages[oldest] ? way : oldest;
        }

        return oldest;
    }

    private int RandomWay()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (int)(_random % (uint)_ways);
    }
}
