//   63 62  61    60      51                12 11       0
//  +-----+-----+-------+--------------------+-----------+     61:0 is a payload as it stands in the arrays (61 set, so that
//  |level| 1   | large | page frame         | kept bits |     it is never 0), 63:62 where it was found; a miss is 0
//  +-----+-----+-------+--------------------+-----------+

using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>What a lookup in the translation caches came to. Eight bytes, so that it is returned in a register.</summary>
internal readonly record struct TlbLookup
{
    private const int LevelShift = 62;
    private const ulong HeldBit = 1UL << 61;
    private const ulong LargeBit = 1UL << 60;
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

    /// <summary>Attributes of the page.</summary>
    public PageAttributes Attributes => AttributesOf(_bits);

    /// <summary>What the arrays keep of a translation; never 0.</summary>
    /// <param name="frame">Physical address of the page.</param>
    /// <param name="kept">The bits that it keeps.</param>
    /// <param name="isLarge">Whether it is kept as a large page.</param>
    public static ulong PayloadOf(ulong frame, uint kept, bool isLarge) => HeldBit | (isLarge ? LargeBit : 0) | frame | kept;

    /// <summary>Attributes of the page that a payload was kept for.</summary>
    /// <param name="payload">The payload.</param>
    public static PageAttributes AttributesOf(ulong payload) => (PageAttributes)(payload & AttributeMask);

    /// <summary>Whether a payload was kept as a large page.</summary>
    /// <param name="payload">The payload.</param>
    public static bool IsLargePayload(ulong payload) => (payload & LargeBit) != 0;
}
