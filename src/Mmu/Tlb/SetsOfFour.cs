// The usual sets: four ways whose replacement state is the tree of TreePlru. Each lies as SetLayout has it, at offsets that
// are constants, and fills a line of the host:
//
//   0                16       24            28          32                                64
//  +----------------+--------+-------------+-----------+---------------------------------+
//  | 4 tags         | tree   | full since  |           | 4 payloads                      |
//  +----------------+--------+-------------+-----------+---------------------------------+

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using X86Pae.Memory;

namespace X86Pae.Tlb;

/// <summary>The sets of four ways under tree pseudo-LRU of one array.</summary>
/// <remarks>A small value that whoever asks often keeps at hand; valid while the array is reachable.</remarks>
internal readonly unsafe struct SetsOfFour
{
    private const int Ways = 4;
    private const int SizeShift = 6;
    private const int Size = 1 << SizeShift;
    private const int TreeOffset = Ways * sizeof(uint);
    private const int FullSinceOffset = TreeOffset + sizeof(ulong);
    private const int PayloadOffset = Size / 2;

    private static readonly PinnedBuffer NoSet = new(Size);

    private readonly byte* _start;
    private readonly uint* _stamps;
    private readonly nuint _mask; // of the offset of a set

    /// <summary>Locates sets.</summary>
    /// <param name="start">The first one.</param>
    /// <param name="count">Their number, a power of two.</param>
    /// <param name="stamps">When each way was filled; null where that is not kept.</param>
    public SetsOfFour(byte* start, int count, uint* stamps)
    {
        _start = start;
        _mask = (nuint)((count - 1) << SizeShift);
        _stamps = stamps;
    }

    /// <summary>A set that holds nothing and is never full, in place of an array of another shape, or of none.</summary>
    public static SetsOfFour None => new(NoSet.Start, 1, null);

    /// <summary>Whether sets of a layout are of this kind.</summary>
    /// <param name="layout">The layout.</param>
    public static bool Fit(in SetLayout layout) =>
        layout is { Ways: Ways, StateOffset: TreeOffset, FullSinceOffset: FullSinceOffset, PayloadOffset: PayloadOffset, Size: Size };

    /// <summary>Looks a page up and marks its way as just used, unless hits are suspended.</summary>
    /// <param name="page">Its number, marked if it is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What is kept for it; undefined if nothing is.</param>
    /// <returns>Whether it is held.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most of a TLB hit
    public bool TryUse(uint page, Generations owner, out ulong payload)
    {
        byte* set = SetOf(page);
        uint hits = owner.FindHit(page, Vector128.Load((uint*)set));
        if (hits != 0)
        {
            nuint way = (nuint)BitOperations.TrailingZeroCount(hits);
            *TreeOf(set) = TreePlru.TouchOfFour(*TreeOf(set), way);
            payload = PayloadsOf(set)[way];
            return true;
        }

        Unsafe.SkipInit(out payload);
        return false;
    }

    /// <summary>Replaces the victim of a set in which no way is empty.</summary>
    /// <param name="page">Number of a page that is not held, marked if it is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What to keep, from <see cref="TlbLookup.PayloadOf"/>.</param>
    /// <returns>False if nothing was done: a way may be empty.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB miss
    public bool TryReplace(uint page, Generations owner, ulong payload)
    {
        byte* set = SetOf(page);
        if (*(uint*)(set + FullSinceOffset) != owner.Latest)
        {
            return false;
        }

        *TreeOf(set) = TreePlru.UseVictimOfFour(*TreeOf(set), out nuint way);
        ((uint*)set)[way] = owner.TagOf(page, TlbLookup.IsGlobalPayload(payload));
        PayloadsOf(set)[way] = payload;
        if (_stamps != null)
        {
            _stamps[((nuint)(set - _start) / (Size / Ways)) + way] = owner.Fills;
        }

        return true;
    }

    private static ulong* TreeOf(byte* set) => (ulong*)(set + TreeOffset);

    private static ulong* PayloadsOf(byte* set) => (ulong*)(set + PayloadOffset);

    private byte* SetOf(uint page) => _start + (((nuint)page << SizeShift) & _mask);
}
