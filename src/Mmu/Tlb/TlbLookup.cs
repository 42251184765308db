//   63 62  61  60      51                12 11       0
//  +-----+---+-------+--------------------+-----------+
//  |level| - | large | page frame         | kept bits |     payload in 51:0
//  +-----+---+-------+--------------------+-----------+

using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>What a lookup in the translation caches came to. Eight bytes, so that it is returned in a register.</summary>
internal readonly record struct TlbLookup
{
    private const int LevelShift = 62;
    private const ulong LargeBit = 1UL << 60;
    private const ulong AttributeMask = (1UL << 9) - 1;
    private const ulong PayloadMask = (1UL << 52) - 1;

    private readonly ulong _bits;

    /// <summary>A hit.</summary>
    /// <param name="level">Where.</param>
    /// <param name="payload">What is kept there.</param>
    /// <param name="isLarge">Whether it is kept as a large page.</param>
    public TlbLookup(TlbHit level, ulong payload, bool isLarge) =>
        _bits = ((ulong)level << LevelShift) | (isLarge ? LargeBit : 0) | payload;

    /// <summary>Where it was found; <see cref="TlbHit.None"/> by default.</summary>
    public TlbHit Level => (TlbHit)(_bits >> LevelShift);

    /// <summary>Whether it is kept as a large page, so that the offset is that of one.</summary>
    public bool IsLarge => (_bits & LargeBit) != 0;

    /// <summary>Frame and kept bits; see <see cref="TranslationCaches"/>.</summary>
    public ulong Payload => _bits & PayloadMask;

    /// <summary>Attributes of the page.</summary>
    public PageAttributes Attributes => (PageAttributes)(_bits & AttributeMask);
}
