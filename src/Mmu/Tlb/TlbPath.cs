using System.Runtime.CompilerServices;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>The levels that accesses of one kind ask, nearest first, and what they found in the nearest of late.</summary>
internal sealed class TlbPath
{
    private readonly TlbLevel[] _levels;
    private readonly TranslationArray _nearestSmall;
    private readonly TranslationArray _nearestLarge;
    private readonly TranslationArray? _nextSmall; // of the usual path, which has at most two levels
    private readonly TlbHit _nextPlace;
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
        (_nearestSmall, _nearestLarge, Nearest) = levels[0];
        _nextSmall = levels.Length == 2 ? levels[1].Small : null;
        _nextPlace = levels.Length == 2 ? levels[1].Place : TlbHit.None;
        Recent = new RecentHits(remembersHits ? _nearestSmall.Entries + _nearestLarge.Entries : 0, owner, counter);
        if (Recent.Remembers)
        {
            _nearestSmall.Watch(Recent);
            if (_nearestLarge != _nearestSmall)
            {
                _nearestLarge.Watch(Recent);
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
    [MethodImpl(MethodImplOptions.NoInlining)] // the registers of its caller would not be enough
    public TlbLookup LookUp(uint page, uint largePage, uint stamp)
    {
        ulong payload = _nearestSmall.LookUp(page, _owner);
        if (payload != 0)
        {
            return new TlbLookup(Nearest, payload);
        }

        if (largePage != 0 || _levels.Length > 2)
        {
            return LookUpFurther(page, largePage, stamp);
        }

        if (_nextSmall is null || (payload = _nextSmall.LookUp(page, _owner)) == 0)
        {
            return default;
        }

        _nearestSmall.InsertMissing(page, _owner, payload, IsGlobal(payload), stamp);
        return new TlbLookup(_nextPlace, payload);
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
    /// <param name="page">Page number of a page that no level holds, marked if it is large.</param>
    /// <param name="payload">What to keep, from <see cref="TlbLookup.PayloadOf"/>.</param>
    /// <param name="stamp">When.</param>
    public void Fill(uint page, ulong payload, uint stamp)
    {
        if (_levels.Length == 1 && !TlbLookup.IsLargePayload(payload))
        {
            _nearestSmall.InsertMissing(page, _owner, payload, IsGlobal(payload), stamp);
        }
        else
        {
            FillUpTo(_levels.Length, page, payload, stamp);
        }
    }

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
            Recent.Remember(linear, frame, found.Kept, denied, array.UseOf(page, _owner));
        }
    }

    private static bool IsGlobal(ulong payload) => ((PageAttributes)payload & PageAttributes.Global) != 0;

    /// <summary>The same for any number of levels and both sizes, the small page at the nearest level excepted.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual path small
    private TlbLookup LookUpFurther(uint page, uint largePage, uint stamp)
    {
        for (int i = 0; i < _levels.Length; i++)
        {
            TlbLevel level = _levels[i];
            uint held = page;
            ulong payload = i == 0 ? 0 : level.Small.LookUp(page, _owner);
            if (payload == 0 && largePage != 0)
            {
                held = largePage;
                payload = level.Large.LookUp(largePage, _owner);
            }

            if (payload != 0)
            {
                FillUpTo(i, held, payload, stamp);
                return new TlbLookup(level.Place, payload);
            }
        }

        return default;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual path small
    private void FillUpTo(int count, uint page, ulong payload, uint stamp)
    {
        bool global = IsGlobal(payload);
        bool isLarge = TlbLookup.IsLargePayload(payload);
        for (int i = 0; i < count; i++)
        {
            TlbLevel level = _levels[i];
            (isLarge ? level.Large : level.Small).InsertMissing(page, _owner, payload, global, stamp);
        }
    }
}
