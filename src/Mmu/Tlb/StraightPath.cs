// What most accesses of an MMU with modelled TLBs come to, in a straight line and from two lines of the host's cache beside the sets: this and
// the tags of the owner.
//
//      nearest level, sets of four       next level, sets of four, if there is one
//     +---------------------------+     +---------------------------+
//     | 4-KiB pages               | <-- | 4-KiB pages               | <-- walk
//     +---------------------------+     +---------------------------+
//
//   The nearest level is asked first in any case: what it holds of a 4-KiB page is what a whole lookup would find. Everything else
//   is left to TlbPath as soon as there is an obstacle.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>The sets of four that accesses of one class ask, and which pages may serve them; stays where it is, zeroed at first.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeInBytes)]
internal unsafe struct StraightPath
{
    private const int SizeInBytes = 64; // a line of the host's cache
    private const int PageShift = 12;
    private const int SetShift = 6; // of the size of a set

    // Where there is no straight line: a set that holds nothing, and an owner of nothing.
    private static readonly PinnedBuffer NoSet = new(SetOfFour.Size);
    private static readonly PinnedBuffer NoOwner = NewNoOwner();

    private byte* _nearest;
    private nuint _nearestMask; // of the offset of a set
    private OwnerTags* _owner;
    private byte* _next;
    private nuint _nextMask;
    private uint* _nearestStamps;
    private uint* _nextStamps;
    private uint _refused; // by the verdict index of a page
    private bool _isOfLoads;
    private bool _hasSecondLevel;
    private NextLevel _nextLevel;

    /// <summary>Whether the nearest level is one that only loads use.</summary>
    public readonly bool IsOfLoads => _isOfLoads;

    /// <summary>Whether the processor has a second level.</summary>
    public readonly bool HasSecondLevel => _hasSecondLevel;

    /// <summary>Whether there is a next level.</summary>
    public readonly bool HasNext => _nextLevel != NextLevel.None;

    /// <summary>Whether there is one with other sets than of four, or one that must tell what it loses.</summary>
    public readonly bool HasOtherNext => _nextLevel == NextLevel.Other;

    /// <summary>Whether an access that the nearest level does not serve must take another way.</summary>
    public readonly bool IsObstructed => _owner->Obstacles != Obstacles.None;

    /// <summary>Says of the path what does not depend on the shapes of its levels.</summary>
    /// <param name="nearest">Its nearest level.</param>
    /// <param name="hasSecondLevel">Whether the processor has a second level.</param>
    public void Describe(TlbHit nearest, bool hasSecondLevel)
    {
        _isOfLoads = nearest == TlbHit.Load;
        _hasSecondLevel = hasSecondLevel;
    }

    /// <summary>Sets it up as one that holds nothing and is always obstructed.</summary>
    public void Close()
    {
        _nearest = NoSet.Start;
        _owner = (OwnerTags*)NoOwner.Start;
    }

    /// <summary>Sets it up.</summary>
    /// <param name="owner">Whose entries are asked for.</param>
    /// <param name="levels">One level or two, nearest first; the small arrays of the first have sets of four.</param>
    public void Open(TagOwner owner, ReadOnlySpan<TlbLevel> levels)
    {
        _owner = owner.Tags;
        levels[0].Small.LocateSetsOfFour(out _nearest, out _nearestMask, out _nearestStamps);
        _next = NoSet.Start;
        _nextLevel = levels.Length == 1 || levels[1].Small.IsEmpty ? NextLevel.None
            : levels[1].Small is { HasSetsOfFour: true, IsWatched: false } ? NextLevel.OfFour
            : NextLevel.Other;
        if (_nextLevel == NextLevel.OfFour)
        {
            levels[1].Small.LocateSetsOfFour(out _next, out _nextMask, out _nextStamps);
        }
    }

    /// <summary>Follows the control state.</summary>
    /// <param name="refused">The verdicts for this class; see <see cref="AccessRights.RefusedTo"/>.</param>
    public void Follow(uint refused) => _refused = refused;

    /// <summary>Whether what is kept must not serve such an access: rights deny it, or it is clean and D must be set first.</summary>
    /// <param name="payload">What is kept, from <see cref="TlbLookup.PayloadOf"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB hit
    public readonly bool Refuses(ulong payload) => ((_refused >> TlbLookup.VerdictIndexOf(payload)) & 1) != 0;

    /// <summary>The same by the verdict index of a page.</summary>
    /// <param name="verdict">The index; see <see cref="AccessRights.VerdictIndex"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every walk
    public readonly bool RefusesVerdict(ulong verdict) => ((_refused >> (int)verdict) & 1) != 0;

    /// <summary>Looks a 4-KiB page up in the nearest level, and marks its way as just used.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="payload">What is kept for it; undefined if nothing is.</param>
    /// <returns>Whether it is held.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most of a TLB hit
    public readonly bool TryUseNearest(uint linear, out ulong payload) =>
        new SetOfFour(_nearest + OffsetOf(linear, _nearestMask)).TryUse(linear >> PageShift, in *_owner, out payload);

    /// <summary>The same in the next level, for a page that the nearest one does not hold; nothing is in the way.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="payload">What is kept for it; undefined if nothing is.</param>
    /// <returns>Whether it is found there; never, if there is none or <see cref="HasOtherNext"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most of a second-level hit
    public readonly bool TryUseNext(uint linear, out ulong payload) =>
        new SetOfFour(_next + OffsetOf(linear, _nextMask)).TryUse(linear >> PageShift, in *_owner, out payload);

    /// <summary>Keeps in the nearest level what the next one holds, or will.</summary>
    /// <param name="linear">Byte address; the nearest level does not hold its page.</param>
    /// <param name="payload">What is kept for it.</param>
    /// <returns>False if nothing was done: a way may be empty, and <see cref="TlbPath"/> must look for it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every second-level hit
    public readonly bool TryBringNearer(uint linear, ulong payload)
    {
        OwnerTags* owner = _owner;
        nuint offset = OffsetOf(linear, _nearestMask);
        if (new SetOfFour(_nearest + offset).FullSince != owner->Latest)
        {
            return false;
        }

        Replace(_nearest, _nearestStamps, offset, TagOf(linear, payload, owner), payload, owner->Fills);
        return true;
    }

    /// <summary>Keeps the translation of a 4-KiB page at both levels, and counts it.</summary>
    /// <param name="linear">Byte address; no level holds its page.</param>
    /// <param name="payload">What to keep.</param>
    /// <returns>False if nothing was done, as above, or because of <see cref="HasOtherNext"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // at the end of every walk
    public readonly bool TryFill(uint linear, ulong payload)
    {
        OwnerTags* owner = _owner;
        nuint offset = OffsetOf(linear, _nearestMask);
        uint latest = owner->Latest;
        if (new SetOfFour(_nearest + offset).FullSince != latest)
        {
            return false;
        }

        if (_nextLevel == NextLevel.None)
        {
            Replace(_nearest, _nearestStamps, offset, TagOf(linear, payload, owner), payload, ++owner->Fills);
            return true;
        }

        nuint nextOffset = OffsetOf(linear, _nextMask);
        if (new SetOfFour(_next + nextOffset).FullSince != latest) // as that of the set which stands for other sets never is
        {
            return false;
        }

        uint tag = TagOf(linear, payload, owner);
        uint stamp = ++owner->Fills;
        Replace(_next, _nextStamps, nextOffset, tag, payload, stamp);
        Replace(_nearest, _nearestStamps, offset, tag, payload, stamp);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // three instructions
    private static nuint OffsetOf(uint linear, nuint mask) => (nuint)(linear >> (PageShift - SetShift)) & mask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    private static uint TagOf(uint linear, ulong payload, OwnerTags* owner) =>
        (linear >> PageShift) | (TlbLookup.IsGlobalPayload(payload) ? owner->Global : owner->Local);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    private static void Replace(byte* sets, uint* stamps, nuint offset, uint tag, ulong payload, uint stamp)
    {
        var set = new SetOfFour(sets + offset);
        nuint way = set.UseVictim();
        set.Tags[way] = tag;
        set.Payloads[way] = payload;
        if (stamps != null)
        {
            stamps[(offset / (SetOfFour.Size / SetOfFour.Ways)) + way] = stamp;
        }
    }

    private static PinnedBuffer NewNoOwner()
    {
        var memory = new PinnedBuffer(sizeof(OwnerTags));
        OwnerTags* tags = (OwnerTags*)memory.Start;
        tags->Obstacles = Obstacles.OtherArrays;
        tags->Latest = 1; // so that the set which holds nothing is never taken for a full one
        tags->AskForNothing();
        return memory;
    }

    private enum NextLevel : byte
    {
        None,
        OfFour,
        Other,
    }
}
