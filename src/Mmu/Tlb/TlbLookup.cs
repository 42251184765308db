//   63 62  61    60      59  56 55      52 51                12 11       0
//  +-----+-----+-------+------+----------+--------------------+-----------+     61:0 is a payload as it stands in the arrays
//  |level| 1   | large | 0    | D XD U W | page frame         | kept bits |     (61 set, so that it is never 0), 63:62 where
//  +-----+-----+-------+------+----------+--------------------+-----------+     it was found; a miss is 0
//
//   55:52 are four of the kept bits once more, side by side: the verdict index of AccessRights.

using System.Runtime.CompilerServices;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>What a lookup in the translation caches came to. Eight bytes, so that it is returned in a register.</summary>
internal readonly record struct TlbLookup
{
    private const int LevelShift = 62;
    private const ulong HeldBit = 1UL << 61;
    private const ulong LargeBit = 1UL << 60;
    private const int VerdictShift = 52;
    private const ulong AttributeMask = (1UL << 9) - 1;

    private readonly ulong _bits;

    /// <summary>A hit.</summary>
    /// <param name="level">Where.</param>
    /// <param name="payload">What is kept there, from <see cref="PayloadOf"/>.</param>
    public TlbLookup(TlbHit level, ulong payload) => _bits = ((ulong)level << LevelShift) | payload;

    /// <summary>Where it was found; <see cref="TlbHit.None"/> by default.</summary>
    public TlbHit Level => (TlbHit)(_bits >> LevelShift);

    /// <summary>Whether it is kept as a large page, so that the offset is that of one.</summary>
    public bool IsLarge => IsLargePayload(_bits);

    /// <summary>Physical address of the page.</summary>
    public ulong Frame => _bits & EntryBits.Frame;

    /// <summary>The bits that a translation keeps; see <see cref="WalkResult.Kept"/>.</summary>
    public uint Kept => (uint)_bits & 0xFFF;

    /// <summary>What is kept there; see <see cref="PayloadOf"/>. The level is in it too.</summary>
    public ulong Payload => _bits;

    /// <summary>Attributes of the page.</summary>
    public PageAttributes Attributes => AttributesOf(_bits);

    /// <summary>What the arrays keep of a translation; never 0.</summary>
    /// <param name="frame">Physical address of the page.</param>
    /// <param name="kept">The bits that it keeps.</param>
    /// <param name="isLarge">Whether it is kept as a large page.</param>
    public static ulong PayloadOf(ulong frame, uint kept, bool isLarge) =>
        (isLarge ? LargeBit : 0) | SmallPayloadOf(frame, kept, AccessRights.VerdictIndex(kept));

    /// <summary>The same for a 4-KiB page whose verdict index is at hand.</summary>
    /// <param name="frame">Physical address of the page.</param>
    /// <param name="kept">The bits that it keeps.</param>
    /// <param name="verdict">The index.</param>
    public static ulong SmallPayloadOf(ulong frame, ulong kept, ulong verdict) =>
        ((verdict | (HeldBit >> VerdictShift)) << VerdictShift) | frame | kept;

    /// <summary>Attributes of the page that a payload was kept for.</summary>
    /// <param name="payload">The payload.</param>
    public static PageAttributes AttributesOf(ulong payload) => (PageAttributes)(payload & AttributeMask);

    /// <summary>Which verdict decides whether a payload may serve an access; the lowest five bits count.</summary>
    /// <param name="payload">The payload.</param>
    public static int VerdictIndexOf(ulong payload) => (int)(payload >> VerdictShift);

    /// <summary>The translation of an address from what is kept for its 4-KiB page.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="linear">The address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB hit
    public static WalkResult TranslatedSmall(ulong payload, uint linear) =>
        WalkResult.FromKept((payload & EntryBits.Frame) | (linear & 0xFFF), payload & 0xFFF);

    /// <summary>Whether a payload was kept for a global page.</summary>
    /// <param name="payload">The payload.</param>
    public static bool IsGlobalPayload(ulong payload) => ((PageAttributes)payload & PageAttributes.Global) != 0;

    /// <summary>Whether a payload was kept as a large page.</summary>
    /// <param name="payload">The payload.</param>
    public static bool IsLargePayload(ulong payload) => (payload & LargeBit) != 0;
}
