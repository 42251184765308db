namespace X86Pae.Tlb;

/// <summary>The levels that accesses of one kind ask, nearest first, and what they found in the nearest of late.</summary>
/// <remarks>Whatever the levels are; where they allow it, most accesses take the <see cref="StraightPath"/>.</remarks>
internal sealed unsafe class TlbPath
{
    private readonly TlbLevel[] _levels;
    private readonly TagOwner _owner;

    /// <summary>Creates a path.</summary>
    /// <param name="levels">The levels, nearest first; at least one.</param>
    /// <param name="owner">Whose entries are asked for.</param>
    /// <param name="isDisturbed">Whether entries are lost at random, so that each access must be a lookup of its own.</param>
    public TlbPath(TlbLevel[] levels, TagOwner owner, bool isDisturbed)
    {
        _levels = levels;
        _owner = owner;
        (TranslationArray small, TranslationArray large, Nearest) = levels[0];
        IsStraight = !isDisturbed && small.HasSetsOfFour && large != small && levels.Length <= 2;
        int remembered = (IsStraight ? 0 : small.Entries) + large.Entries;
        Recent = new RecentHits(isDisturbed ? 0 : remembered, owner);
        if (Recent.Remembers)
        {
            large.Watch(Recent);
            if (large != small && !IsStraight)
            {
                small.Watch(Recent);
            }
        }
    }

    /// <summary>Hits in the nearest level, but for those of 4-KiB pages where the path is straight.</summary>
    public RecentHits Recent { get; }

    /// <summary>The nearest level.</summary>
    public TlbHit Nearest { get; }

    /// <summary>
    /// Whether these are one level or two, with sets of four in the nearest, for 4-KiB pages alone, of a processor that is not disturbed.
    /// </summary>
    public bool IsStraight { get; }

    /// <summary>Makes this the path of a class of access.</summary>
    /// <param name="path">Where its accesses begin; zeroed.</param>
    /// <param name="hasSecondLevel">Whether the processor has a second level.</param>
    public void SetUp(ref StraightPath path, bool hasSecondLevel)
    {
        path.Describe(Nearest, hasSecondLevel);
        if (IsStraight)
        {
            path.Open(_owner, _levels);
        }
        else
        {
            path.Close();
        }
    }

    /// <summary>Looks an address up; what a level further away holds is brought nearer.</summary>
    /// <param name="page">Number of the 4-KiB page.</param>
    /// <param name="largePage">Marked number of the large page, or 0 if certainly none is held.</param>
    /// <returns>What was found, and where.</returns>
    /// <remarks>A hit leaves the levels behind it untouched, and an evicted entry is not written back (vusec/tlbdr).</remarks>
    public TlbLookup LookUp(uint page, uint largePage)
    {
        for (int i = 0; i < _levels.Length; i++)
        {
            TlbLevel level = _levels[i];
            uint held = page;
            ulong payload = level.Small.LookUp(page, _owner);
            if (payload == 0 && largePage != 0)
            {
                held = largePage;
                payload = level.Large.LookUp(largePage, _owner);
            }

            if (payload != 0)
            {
                FillUpTo(i, held, payload);
                return new TlbLookup(level.Place, payload);
            }
        }

        return default;
    }

    /// <summary>Looks a 4-KiB page up in the second of two levels.</summary>
    /// <param name="page">Its number; the nearest level does not hold it.</param>
    /// <returns>What is kept for it; 0 if nothing is.</returns>
    public ulong LookUpNext(uint page) => _levels[1].Small.LookUp(page, _owner);

    /// <summary>Looks an address up without any effect.</summary>
    /// <param name="page">Number of the 4-KiB page.</param>
    /// <param name="largePage">Marked number of the large page.</param>
    /// <param name="stamp">When it was filled.</param>
    /// <returns>What was found, and where.</returns>
    public TlbLookup Peek(uint page, uint largePage, out uint stamp)
    {
        foreach (TlbLevel level in _levels)
        {
            ulong payload = level.Small.Peek(page, _owner, out stamp);
            if (payload == 0)
            {
                payload = level.Large.Peek(largePage, _owner, out stamp);
            }

            if (payload != 0)
            {
                return new TlbLookup(level.Place, payload);
            }
        }

        stamp = 0;
        return default;
    }

    /// <summary>Keeps a translation at every level.</summary>
    /// <param name="page">Number of a page that no level holds, marked if it is large.</param>
    /// <param name="payload">What to keep, from <see cref="TlbLookup.PayloadOf"/>.</param>
    public void Fill(uint page, ulong payload) => FillUpTo(_levels.Length, page, payload);

    /// <summary>Keeps the translation of a 4-KiB page at the second of two levels.</summary>
    /// <param name="page">Number of a page that no level holds.</param>
    /// <param name="payload">What to keep.</param>
    public void FillNext(uint page, ulong payload) =>
        _levels[1].Small.InsertMissing(page, _owner, payload, TlbLookup.IsGlobalPayload(payload), _owner.Fills);

    /// <summary>Keeps in the nearest level what the next one holds.</summary>
    /// <param name="page">Number of a page that the nearest level does not hold, marked if it is large.</param>
    /// <param name="payload">What is kept for it.</param>
    public void BringNearer(uint page, ulong payload) => FillUpTo(1, page, payload);

    /// <summary>Remembers a hit in the nearest level.</summary>
    /// <param name="linear">The address.</param>
    /// <param name="frame">Physical address of the 4-KiB page that it is in.</param>
    /// <param name="page">Page number of what was found, marked if it is large.</param>
    /// <param name="found">What was found.</param>
    /// <param name="denied">The verdicts of the control state.</param>
    public void Remember(uint linear, ulong frame, uint page, TlbLookup found, ulong denied)
    {
        if (Recent.Remembers && (found.IsLarge || !IsStraight))
        {
            TranslationArray array = found.IsLarge ? _levels[0].Large : _levels[0].Small;
            UseOfWay* use = array.UseOf(page, _owner, out ulong* state);
            Recent.Remember(linear, frame, found.Kept, denied, state, use);
        }
    }

    private void FillUpTo(int count, uint page, ulong payload)
    {
        bool global = TlbLookup.IsGlobalPayload(payload);
        bool isLarge = TlbLookup.IsLargePayload(payload);
        for (int i = 0; i < count; i++)
        {
            TlbLevel level = _levels[i];
            (isLarge ? level.Large : level.Small).InsertMissing(page, _owner, payload, global, _owner.Fills);
        }
    }
}
