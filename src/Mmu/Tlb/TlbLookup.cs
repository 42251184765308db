//    63     62  61    60    59    52 51                12 11       0
//  +-------+---------+-----+---------+--------------------+-----------+     a payload as it stands in the arrays has 62:61 clear
//  | large | level   | 1   | 0       | page frame         | kept bits |     and 60 set, so that it is never 0; 62:61 tell where
//  +-------+---------+-----+---------+--------------------+-----------+     it was found; a miss is 0

using System.Runtime.CompilerServices;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>What a lookup in the translation caches came to. Eight bytes, so that it is returned in a register.</summary>
internal readonly record struct TlbLookup
{
    private const int LevelShift = 61;
    private const ulong HeldBit = 1UL << 60;
    private const ulong LargeBit = 1UL << 63;
    private const ulong KeptMask = 0xFFF;

    /// <summary>A hit.</summary>
    /// <param name="level">Where.</param>
    /// <param name="payload">What is kept there, from <see cref="PayloadOf"/>.</param>
    public TlbLookup(TlbHit level, ulong payload) => Payload = ((ulong)level << LevelShift) | payload;

    /// <summary>Where it was found; <see cref="TlbHit.None"/> by default.</summary>
    public TlbHit Level => (TlbHit)(Payload >> LevelShift & 3);

    /// <summary>What is kept there; the level is in it too.</summary>
    public ulong Payload { get; }

    /// <summary>What is kept there, as it stands in the arrays.</summary>
    public ulong Held => Payload & ~(3UL << LevelShift);

    /// <summary>What the arrays keep of a translation; never 0.</summary>
    /// <param name="frame">Physical address of the page.</param>
    /// <param name="kept">The bits that it keeps; see <see cref="WalkResult.Kept"/>.</param>
    /// <param name="isLarge">Whether it is kept as a large page.</param>
    public static ulong PayloadOf(ulong frame, uint kept, bool isLarge) => HeldBit | (isLarge ? LargeBit : 0) | frame | kept;

    /// <summary>Attributes of the page that a payload was kept for.</summary>
    /// <param name="payload">The payload.</param>
    public static PageAttributes AttributesOf(ulong payload) => (PageAttributes)(payload & WalkResult.FlagMask);

    /// <summary>The translation of an address from what is kept for its page.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="offset">Offset of the address in the page.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB hit
    public static WalkResult Translated(ulong payload, uint offset) =>
        WalkResult.FromKept((payload & EntryBits.Frame) | offset, payload & KeptMask);

    /// <summary>Whether a payload was kept for a global page.</summary>
    /// <param name="payload">The payload.</param>
    public static bool IsGlobalPayload(ulong payload) => ((PageAttributes)payload & PageAttributes.Global) != 0;

    /// <summary>Whether a payload was kept as a large page.</summary>
    /// <param name="payload">The payload.</param>
    public static bool IsLargePayload(ulong payload) => (long)payload < 0;
}
