using System.Runtime.CompilerServices;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>The levels that accesses of one kind ask, nearest first, and what they found in the nearest of late.</summary>
internal sealed unsafe class TlbPath
{
    private readonly TlbLevel[] _levels;
    private readonly TranslationArray _nearestSmall;
    private readonly TranslationArray _nearestLarge;
    private readonly TranslationArray? _nextSmall; // of two levels
    private readonly bool _nextIsUsual;
    private readonly TagOwner _owner;

    /// <summary>Creates a path.</summary>
    /// <param name="levels">The levels, nearest first; at least one.</param>
    /// <param name="owner">Whose entries are asked for.</param>
    /// <param name="remembersHits">Whether recent hits may stand for lookups.</param>
    public TlbPath(TlbLevel[] levels, TagOwner owner, bool remembersHits)
    {
        _levels = levels;
        _owner = owner;
        (_nearestSmall, _nearestLarge, Nearest) = levels[0];
        _nextSmall = levels.Length == 2 ? levels[1].Small : null;
        IsUsual = remembersHits && _nearestSmall.HasUsualSets && levels.Length <= 2;
        _nextIsUsual = _nextSmall is { HasUsualSets: true };
        Recent = new RecentHits(remembersHits ? _nearestSmall.Entries + _nearestLarge.Entries : 0, owner);
        if (Recent.Remembers)
        {
            bool sizesShare = _nearestLarge == _nearestSmall;
            _nearestSmall.Watch(Recent, sizesShare);
            if (!sizesShare)
            {
                _nearestLarge.Watch(Recent, ofBothSizes: false);
            }
        }
    }

    /// <summary>Hits in the nearest level.</summary>
    public RecentHits Recent { get; }

    /// <summary>The nearest level.</summary>
    public TlbHit Nearest { get; }

    /// <summary>Whether these are one level or two, the nearest with sets of the usual kind, so that the methods for such may be used.</summary>
    public bool IsUsual { get; }

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

    /// <summary>The tags under which a page of the owner counts, for the two methods below.</summary>
    /// <param name="page">Its number.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB miss
    public PageTags TagsOf(uint page) => _owner.TagsOf(page);

    /// <summary>Looks a 4-KiB page up in the nearest level of a usual path that holds no large page.</summary>
    /// <param name="page">Its number.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="set">Its set there.</param>
    /// <param name="payload">What is kept for it; undefined if nothing is.</param>
    /// <returns>Whether it is held.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB miss
    public bool TryFindNearest(uint page, PageTags tags, out SetOfFour set, out ulong payload)
    {
        set = _nearestSmall.UsualSetOf(page);
        return set.TryUse(tags, out payload);
    }

    /// <summary>The same in the next level, if there is one; the caller brings what it holds nearer.</summary>
    /// <param name="page">Number of a 4-KiB page that the nearest level does not hold.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="payload">What is kept for it; undefined if nothing is.</param>
    /// <returns>Whether it is held.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB miss
    public bool TryFindNext(uint page, PageTags tags, out ulong payload)
    {
        if (_nextIsUsual)
        {
            return _nextSmall!.UsualSetOf(page).TryUse(tags, out payload);
        }

        payload = _nextSmall is null ? 0 : LookUpUnusual(_nextSmall, page);
        return payload != 0;
    }

    /// <summary>Keeps in the nearest level what the next one holds.</summary>
    /// <param name="page">Number of a 4-KiB page that the nearest level does not hold.</param>
    /// <param name="set">Its set there.</param>
    /// <param name="payload">What is kept for it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every second-level hit
    public void BringNearer(uint page, SetOfFour set, ulong payload) =>
        _nearestSmall.InsertMissing(set, _owner.TagOf(page, IsGlobal(payload)), payload, _owner.Fills);

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

    /// <summary>Keeps the translation of a 4-KiB page at every level.</summary>
    /// <param name="page">Number of a page that no level holds.</param>
    /// <param name="payload">What to keep, from <see cref="TlbLookup.PayloadOf"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // at the end of every walk
    public void Fill(uint page, ulong payload)
    {
        if (!IsUsual)
        {
            FillUpTo(_levels.Length, page, payload);
            return;
        }

        uint tag = _owner.TagOf(page, IsGlobal(payload));
        _nearestSmall.InsertMissing(_nearestSmall.UsualSetOf(page), tag, payload, _owner.Fills);
        if (_nextIsUsual)
        {
            _nextSmall!.InsertMissing(_nextSmall.UsualSetOf(page), tag, payload, _owner.Fills);
        }
        else
        {
            _nextSmall?.InsertMissing(page, _owner, payload, IsGlobal(payload), _owner.Fills);
        }
    }

    /// <summary>Keeps the translation of a large page at every level.</summary>
    /// <param name="page">Marked number of a page that no level holds.</param>
    /// <param name="payload">What to keep, from <see cref="TlbLookup.PayloadOf"/>.</param>
    public void FillLarge(uint page, ulong payload) => FillUpTo(_levels.Length, page, payload);

    /// <summary>Remembers a hit in the nearest level.</summary>
    /// <param name="linear">The address.</param>
    /// <param name="frame">Physical address of the 4-KiB page that it is in.</param>
    /// <param name="page">Page number of what was found, marked if it is large.</param>
    /// <param name="found">What was found.</param>
    /// <param name="denied">The verdicts of the control state.</param>
    public void Remember(uint linear, ulong frame, uint page, TlbLookup found, ulong denied)
    {
        if (Recent.Remembers)
        {
            TranslationArray array = found.IsLarge ? _nearestLarge : _nearestSmall;
            UseOfWay* use = array.UseOf(page, _owner, out ulong* state);
            Recent.Remember(linear, frame, found.Kept, denied, state, use);
        }
    }

    private static bool IsGlobal(ulong payload) => ((PageAttributes)payload & PageAttributes.Global) != 0;

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual path small
    private ulong LookUpUnusual(TranslationArray array, uint page) => array.LookUp(page, _owner);

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual path small
    private void FillUpTo(int count, uint page, ulong payload)
    {
        bool global = IsGlobal(payload);
        bool isLarge = TlbLookup.IsLargePayload(payload);
        for (int i = 0; i < count; i++)
        {
            TlbLevel level = _levels[i];
            (isLarge ? level.Large : level.Small).InsertMissing(page, _owner, payload, global, _owner.Fills);
        }
    }
}
