// A tournament over all processors: each inner node holds the winner of its two children, the earlier one, and at equal times the
// left one, which has the lower number. The root is who acts next; a change of one time replays its way up.
//
//              node 1
//             /      \
//          2            3           leaves: _leaves + n for processor n; those beyond the last processor never act
//        /   \        /   \
//       4     5      6     7

using System.Numerics;

namespace X86Pae.Smp;

/// <summary>Who acts next: the processor with the earliest event, at equal times the one with the lowest number.</summary>
internal sealed class EventOrder
{
    /// <summary>Time of what never happens by itself.</summary>
    public const long Never = long.MaxValue;

    private readonly long[] _times;
    private readonly ushort[] _winners;
    private readonly int _leaves;

    /// <summary>Creates the order of so many processors, none of which has an event.</summary>
    /// <param name="processors">How many, at least 1.</param>
    public EventOrder(int processors)
    {
        _leaves = (int)BitOperations.RoundUpToPowerOf2((uint)processors);
        _times = new long[_leaves];
        Array.Fill(_times, Never);
        _winners = new ushort[_leaves];
        _winners = new ushort[_leaves];
        Rebuild();
    }

    /// <summary>The processor that acts next.</summary>
    public int First => _leaves == 1 ? 0 : _winners[1];

    /// <summary>When it acts; <see cref="Never"/> if nobody has an event.</summary>
    public long FirstTime => _times[First];

    /// <summary>Sets when a processor acts next.</summary>
    /// <param name="processor">Its number.</param>
    /// <param name="time">When, or <see cref="Never"/>.</param>
    public void Set(int processor, long time)
    {
        if (_times[processor] != time)
        {
            _times[processor] = time;
            for (int node = (_leaves + processor) / 2; node > 0; node /= 2)
            {
                _winners[node] = Play(node);
            }
        }
    }

    /// <summary>The same without finding the new first one; <see cref="Rebuild"/> must follow.</summary>
    /// <param name="processor">Its number.</param>
    /// <param name="time">When, or <see cref="Never"/>.</param>
    public void SetUnordered(int processor, long time) => _times[processor] = time;

    /// <summary>Plays the whole tournament.</summary>
    public void Rebuild()
    {
        for (int node = _leaves - 1; node > 0; node--)
        {
            _winners[node] = Play(node);
        }
    }

    private ushort Play(int node)
    {
        int left = WinnerOf(2 * node);
        int right = WinnerOf((2 * node) + 1);
        return (ushort)(_times[right] < _times[left] ? right : left);
    }

    private int WinnerOf(int node) => node >= _leaves ? node - _leaves : _winners[node];
}
