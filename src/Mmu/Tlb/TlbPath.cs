using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>The levels that accesses of one kind ask, nearest first, and what they found in the nearest of late.</summary>
internal sealed class TlbPath
{
    private readonly TlbLevel[] _levels;
    private readonly TagOwner _owner;

    /// <summary>Creates a path.</summary>
    /// <param name="levels">The levels, nearest first; at least one.</param>
    /// <param name="owner">Whose entries are asked for.</param>
    /// <param name="counter">Counts the uses of entries.</param>
    /// <param name="remembersHits">Whether recent hits may stand for lookups.</param>
    public TlbPath(TlbLevel[] levels, TagOwner owner, UseCounter counter, bool remembersHits)
    {
        _levels = levels;
        _owner = owner;
        (TranslationArray small, TranslationArray large, TlbHit nearest) = levels[0];
        Nearest = nearest;
        Recent = new RecentHits(remembersHits ? small.Entries + large.Entries : 0, owner, counter);
        if (Recent.Remembers)
        {
            small.Watch(Recent);
            if (large != small)
            {
                large.Watch(Recent);
            }
        }
    }

    /// <summary>Hits in the nearest level.</summary>
    public RecentHits Recent { get; }

    /// <summary>The nearest level.</summary>
    public TlbHit Nearest { get; }

    /// <summary>Looks an address up; what a level further away holds is brought nearer.</summary>
    /// <param name="page">Number of the 4-KiB page.</param>
    /// <param name="largePage">Marked number of the large page, or 0 if certainly none is held.</param>
    /// <param name="stamp">When, for entries that are brought nearer.</param>
    /// <returns>What was found, and where.</returns>
    /// <remarks>A hit leaves the levels behind it untouched, and an evicted entry is not written back (vusec/tlbdr).</remarks>
    public TlbLookup LookUp(uint page, uint largePage, uint stamp)
    {
        TlbLevel[] levels = _levels;
        for (int i = 0; i < levels.Length; i++)
        {
            TlbLevel level = levels[i];
            if (level.Small.TryGet(page, _owner, out ulong payload))
            {
                FillUpTo(i, page, payload, isLarge: false, stamp);
                return new TlbLookup(level.Place, payload, isLarge: false);
            }

            if (largePage != 0 && level.Large.TryGet(largePage, _owner, out payload))
            {
                FillUpTo(i, largePage, payload, isLarge: true, stamp);
                return new TlbLookup(level.Place, payload, isLarge: true);
            }
        }

        return default;
    }

    /// <summary>Looks an address up without any effect.</summary>
    /// <param name="page">Number of the 4-KiB page.</param>
    /// <param name="largePage">Marked number of the large page.</param>
    /// <param name="stamp">When it was filled.</param>
    /// <returns>What was found, and where.</returns>
    public TlbLookup Peek(uint page, uint largePage, out uint stamp)
    {
        foreach (TlbLevel level in _levels)
        {
            if (level.Small.TryPeek(page, _owner, out ulong payload, out stamp))
            {
                return new TlbLookup(level.Place, payload, isLarge: false);
            }

            if (level.Large.TryPeek(largePage, _owner, out payload, out stamp))
            {
                return new TlbLookup(level.Place, payload, isLarge: true);
            }
        }

        stamp = 0;
        return default;
    }

    /// <summary>Keeps a translation at every level.</summary>
    /// <param name="page">Page number of a page that no level holds, marked if it is large.</param>
    /// <param name="payload">What to keep.</param>
    /// <param name="isLarge">Whether it is large.</param>
    /// <param name="stamp">When.</param>
    public void Fill(uint page, ulong payload, bool isLarge, uint stamp) => FillUpTo(_levels.Length, page, payload, isLarge, stamp);

    /// <summary>Remembers a hit in the nearest level.</summary>
    /// <param name="linear">The address.</param>
    /// <param name="physical">What it translates to.</param>
    /// <param name="page">Page number of what was found, marked if it is large.</param>
    /// <param name="found">What was found.</param>
    /// <param name="denied">The verdicts of the control state.</param>
    public void Remember(uint linear, ulong physical, uint page, TlbLookup found, ulong denied)
    {
        if (Recent.Remembers)
        {
            TranslationArray array = found.IsLarge ? _levels[0].Large : _levels[0].Small;
            Recent.Remember(
                linear, physical & EntryBits.Frame, (uint)found.Payload & 0xFFF, denied, array.UseOf(page, _owner));
        }
    }

    private void FillUpTo(int count, uint page, ulong payload, bool isLarge, uint stamp)
    {
        bool global = ((PageAttributes)payload & PageAttributes.Global) != 0;
        for (int i = 0; i < count; i++)
        {
            (isLarge ? _levels[i].Large : _levels[i].Small).InsertMissing(page, _owner, payload, global, stamp);
        }
    }
}
