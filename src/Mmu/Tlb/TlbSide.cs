// The TLB of one kind of access: what fetches, loads or stores ask.
//
//      nearest level             next level                last level
//     +---------------+         +---------------+
//     | 4-KiB pages   | <------ | 4-KiB pages   | <--- ...            <--- walk
//     | large pages   | <------ | large pages   |
//     +---------------+         +---------------+
//       TryHit                    LookUp                                   Fill fills every level
//
//   A hit reads this object, the generations of the processor and one set, or two sets for a large page. Each level is asked for
//   the 4-KiB page first. What a level further away holds is filled into all levels before it; a hit leaves the levels behind it
//   untouched, and an evicted entry is not written back (vusec/tlbdr).

using System.Runtime.CompilerServices;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>The levels of TLB that fetches, loads or stores of one logical processor ask.</summary>
internal sealed class TlbSide
{
    private const int PageShift = 12;
    private const uint PageOffset = (1 << PageShift) - 1;

    private readonly Generations _generations;
    private readonly TlbLevel _nearest;
    private readonly TlbLevel? _next;
    private readonly SetsOfFour _smallSets; // of the nearest level, for 4-KiB pages
    private readonly SetsOfFour _largeSets; // of the nearest level, for large pages
    private readonly SetsOfFour _nextSets; // of the next level, for 4-KiB pages
    private readonly IndexedSet _indexedSet; // of the nearest level, for 4-KiB pages, where it has no sets of four for them
    private readonly bool _isIndexed; // TryHit asks the one above, and not the sets of four of the nearest level
    private readonly bool _hasOtherSets; // TryHit does not compare all of the nearest level
    private readonly bool _hasOthers; // there is more to look into than these sets
    private readonly bool _splinters;
    private readonly TlbHit _nextPlace;
    private ulong _denied; // see AccessRights
    private int _largePageShift = 21;
    private uint _largePageOffset = (1 << 21) - 1;

    /// <summary>Creates a side that holds nothing.</summary>
    /// <param name="nearest">The level that is asked first.</param>
    /// <param name="generations">Whose entries are asked for.</param>
    /// <param name="hasSecondLevel">Whether the processor has a second level.</param>
    /// <param name="splinters">Whether large pages are kept as 4-KiB pieces.</param>
    public TlbSide(TlbLevel nearest, Generations generations, bool hasSecondLevel, bool splinters)
    {
        (_nearest, _next) = (nearest, nearest.Next);
        _generations = generations;
        _splinters = splinters;
        HasSecondLevel = hasSecondLevel;
        HasLoadLevel = nearest.Place == TlbHit.Load;
        _smallSets = nearest.Small?.SetsOfFour ?? SetsOfFour.None;
        _largeSets = nearest.Large?.SetsOfFour ?? SetsOfFour.None;
        _indexedSet = nearest.Small?.IndexedSet ?? IndexedSet.None;
        _isIndexed = nearest.Small is { HasSetsOfFour: false };
        _hasOtherSets = _isIndexed || nearest.Large is { HasSetsOfFour: false };
        _hasOthers = _hasOtherSets || _next is not (null or { Next: null, Large: null, Small: null or { HasSetsOfFour: true } });
        HasMore = _hasOthers || _next is not null;
        _nextPlace = _next?.Place ?? TlbHit.None;
        bool comesNext = !_hasOtherSets && _next is { Next: null };
        _nextSets = comesNext ? _next!.Small?.SetsOfFour ?? SetsOfFour.None : SetsOfFour.None;
    }

    /// <summary>Whether the nearest level is one that only loads use.</summary>
    public bool HasLoadLevel { get; }

    /// <summary>Whether the processor has a second level.</summary>
    public bool HasSecondLevel { get; }

    /// <summary>Whether there is more to look into than what <see cref="TryHit"/> compares.</summary>
    public bool HasMore { get; }

    /// <summary>Whether <see cref="TryHit"/> finds nothing, because something is to be done first.</summary>
    public bool AreHitsSuspended => _generations.AreHitsSuspended;

    /// <summary>Follows a change of the control state, which decides rights and the size of a large page.</summary>
    /// <param name="state">The state from now on.</param>
    public void Follow(in PagingState state)
    {
        _denied = state.Denied;
        _largePageShift = state.Mode == PagingMode.TwoLevel ? 22 : 21;
        _largePageOffset = ((1u << _largePageShift) - 1) & (uint)state.AddressMask; // A20M# reaches into the offset
    }

    /// <summary>Looks an address up in the nearest level and marks its entry as just used, unless hits are suspended.</summary>
    /// <remarks>Arrays of unusual shape are left to <see cref="LookUp"/>.</remarks>
    /// <param name="linear">Byte address.</param>
    /// <param name="payload">What is kept for it; undefined if nothing is found.</param>
    /// <param name="offset">Offset of the address in its page; undefined if nothing is found.</param>
    /// <returns>Whether it was found.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most of a TLB hit
    public bool TryHit(uint linear, out ulong payload, out uint offset)
    {
        Generations generations = _generations;
        SetsOfFour small = _smallSets; // a copy of a value is in registers
        uint page = linear >> PageShift;
        if (small.TryUse(page, generations, out payload))
        {
            offset = linear & PageOffset;
            return true;
        }

        if (_isIndexed)
        {
            IndexedSet indexed = _indexedSet;
            if (indexed.TryUse(page, generations, out payload))
            {
                offset = linear & PageOffset;
                return true;
            }
        }
        else if (generations.MayHoldLargePages)
        {
            SetsOfFour large = _largeSets;
            if (large.TryUse(LargePage(linear), generations, out payload))
            {
                offset = linear & _largePageOffset;
                return true;
            }
        }

        offset = 0;
        return false;
    }

    /// <summary>Whether what is kept must not serve such an access: rights deny it, or it is clean and D must be set first.</summary>
    /// <param name="payload">What is kept.</param>
    /// <param name="access">What is done, and by whom.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB hit
    public bool Refuses(ulong payload, Access access) =>
        (access.DirtyFlag & ~payload) != 0 || AccessRights.Denies(_denied, access, (PageAttributes)payload);

    /// <summary>The translation of an address from what is kept for its page.</summary>
    /// <param name="payload">What is kept.</param>
    /// <param name="linear">The address.</param>
    public WalkResult Translated(ulong payload, uint linear) => TlbLookup.Translated(payload, OffsetIn(payload, linear));

    /// <summary>Looks an address up at all levels, whether hits are suspended or not.</summary>
    /// <param name="linear">Byte address.</param>
    /// <returns>What was found, and where; it is in the nearest level as well from now on.</returns>
    public TlbLookup LookUp(uint linear)
    {
        if (AreHitsSuspended)
        {
            return _nearest.LookUp(linear >> PageShift, LargePage(linear), _generations);
        }

        return TryHit(linear, out ulong payload, out _) ? new TlbLookup(_nearest.Place, payload)
            : TryNext(linear, out payload) ? new TlbLookup(_nextPlace, payload)
            : LookUpOthers(linear);
    }

    /// <summary>
    /// Looks an address that <see cref="TryHit"/> has not found up in the sets of four of the next level, and brings its 4-KiB page
    /// into the nearest; hits are not suspended.
    /// </summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="payload">What is kept for it; undefined if nothing is found.</param>
    /// <returns>Whether it was found.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most of a second-level hit
    public bool TryNext(uint linear, out ulong payload)
    {
        uint page = linear >> PageShift;
        SetsOfFour next = _nextSets;
        if (!next.TryUse(page, _generations, out payload))
        {
            return false;
        }

        FillNearest(page, payload);
        return true;
    }

    /// <summary>Looks an address that neither <see cref="TryHit"/> nor <see cref="TryNext"/> has found up in arrays of other shapes.</summary>
    /// <param name="linear">Byte address.</param>
    /// <returns>What was found, and where; it is in the nearest level as well from now on.</returns>
    public TlbLookup LookUpOthers(uint linear)
    {
        (uint page, uint largePage) = (linear >> PageShift, LargePage(linear));
        if (_hasOtherSets || !_hasOthers)
        {
            return _hasOthers ? _nearest.LookUp(page, largePage, _generations) : default;
        }

        TlbLookup found = _next!.LookUp(page, largePage, _generations);
        if (TlbLookup.IsLargePayload(found.Payload))
        {
            _nearest.Fill(largePage, _generations, found.Held);
        }
        else if (found.Level != TlbHit.None)
        {
            FillNearest(page, found.Held);
        }

        return found;
    }

    /// <summary>Looks an address up at all levels without any effect.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="stamp">When the entry was filled, by the processor's count; 0 on a miss.</param>
    /// <returns>What is kept for it; 0 if nothing is.</returns>
    public ulong Peek(uint linear, out uint stamp)
    {
        for (TlbLevel? level = _nearest; level is not null; level = level.Next)
        {
            ulong payload = level.Peek(linear >> PageShift, LargePage(linear), _generations, out stamp);
            if (payload != 0)
            {
                return payload;
            }
        }

        stamp = 0;
        return 0;
    }

    /// <summary>Keeps a translation at every level, and counts it.</summary>
    /// <param name="linear">The address that was translated; no level holds its page.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // at the end of every walk
    public void Fill(uint linear, WalkResult result)
    {
        _generations.Fills++;
        if ((result.Attributes & PageAttributes.Large) != 0 && !_splinters)
        {
            FillLarge(linear, result);
            return;
        }

        uint page = linear >> PageShift;
        ulong payload = TlbLookup.PayloadOf(result.PhysicalAddress & EntryBits.Frame, result.Kept, isLarge: false);
        FillNearest(page, payload);
        if (_next is not null && !_nextSets.TryReplace(page, _generations, payload))
        {
            Fill(_next, page, payload);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the fill of a 4-KiB page small
    private void FillLarge(uint linear, WalkResult result)
    {
        _generations.MayHoldLargePages = true;
        ulong frame = result.PhysicalAddress >> _largePageShift << _largePageShift;
        Fill(_nearest, LargePage(linear), TlbLookup.PayloadOf(frame, result.Kept, isLarge: true));
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // as above
    private void Fill(TlbLevel? first, uint page, ulong payload)
    {
        for (TlbLevel? level = first; level is not null; level = level.Next)
        {
            level.Fill(page, _generations, payload);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB miss
    private void FillNearest(uint page, ulong payload)
    {
        SetsOfFour small = _smallSets;
        if (!small.TryReplace(page, _generations, payload))
        {
            _nearest.Fill(page, _generations, payload);
        }
    }

    private uint OffsetIn(ulong payload, uint linear) =>
        linear & (TlbLookup.IsLargePayload(payload) ? _largePageOffset : PageOffset);

    private uint LargePage(uint linear) => (linear >> _largePageShift) | TranslationArray.LargePage;
}
