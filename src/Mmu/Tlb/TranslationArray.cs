// A set-associative array of translations. What a tag is, and when it counts: see TagSpace; what a set is made of: SetLayout.
//
//   All ways are compared at once: which way hits is random, and a branch on it would be mispredicted. Sets that are too wide
//   for that have a PageIndex, and so has the one set of a small array, where it is the shorter way.
//
//   Pages of both sizes may share an array, so the caller marks the number of a large page (LargePage).
//
//   Lookups and fills are most of what a TLB miss costs the host. The usual array has sets of four (SetOfFour), whose lookups
//   and fills stand in a straight line in StraightPath.

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using X86Pae.Memory;

namespace X86Pae.Tlb;

/// <summary>One array of a TLB, or the PDE cache: page numbers to 64-bit payloads, with a policy of replacement.</summary>
/// <remarks>Entries belong to owners, which share the room but neither find nor drop each other's entries.</remarks>
internal sealed unsafe partial class TranslationArray
{
    /// <summary>Bits of a page number with the mark of a large page.</summary>
    public const int PageBits = 21;

    /// <summary>Marks the number of a large page, so that it is not taken for that of a 4-KiB page.</summary>
    public const uint LargePage = 1u << 20;

    private const int WidestCompared = 16; // ways
    private const int WidestAlone = 4; // of an array of one set, whose index is small

    private readonly TagSpace _space;
    private readonly PinnedBuffer _memory;
    private readonly PinnedBuffer? _stampMemory;
    private readonly byte* _sets;
    private readonly ulong* _firstState; // of the first set, as the next
    private readonly ulong* _firstPayloads;
    private readonly bool _ranksUses; // as the policy says, as the next; at hand for TryUse
    private readonly bool _agesUses;
    private readonly uint* _stamps; // of the ways that there are; null if they have none
    private readonly SetLayout _layout;
    private readonly ReplacementPolicy _policy;
    private readonly PageIndex? _index;
    private readonly PageIndex _first; // which way to look at first
    private readonly int _hashShift;
    private readonly uint _setMask;
    private readonly uint _generationMask;
    private RecentHits? _watcher;
    private RecentHits[]? _otherWatchers; // of other owners

    /// <summary>Creates an empty array.</summary>
    /// <param name="geometry">Its shape; 0 sets make an array that holds nothing.</param>
    /// <param name="space">Where its owners take their generations from.</param>
    /// <param name="isStamped">Whether entries keep when they were inserted.</param>
    /// <exception cref="ArgumentException">Sets are not a power of two, or the policy does not exist for that many ways.</exception>
    public TranslationArray(TlbGeometry geometry, TagSpace space, bool isStamped)
    {
        IsEmpty = geometry.Sets == 0;
        int sets = IsEmpty ? 1 : geometry.Sets;
        int ways = IsEmpty ? 1 : geometry.Ways;
        if (!BitOperations.IsPow2(sets))
        {
            throw new ArgumentException($"A TLB has a power of two of sets, not {geometry.Sets}.", nameof(geometry));
        }

        _space = space;
        _generationMask = space.GenerationMask;
        _policy = new ReplacementPolicy(geometry.Replacement, ways);
        (_ranksUses, _agesUses) = (_policy.RanksUses, _policy.AgesUses);
        _layout = new SetLayout(ways, _policy.WordsInSet);
        _setMask = (uint)sets - 1;
        _hashShift = geometry.Index == SetIndex.Xor ? BitOperations.Log2((uint)sets) : PageBits;
        _memory = new PinnedBuffer(sets * _layout.Size);
        _sets = _memory.Start;
        _firstState = StateOf(_sets);
        _firstPayloads = PayloadsOf(_sets);
        _stampMemory = isStamped ? new PinnedBuffer(sets * ways * sizeof(uint)) : null;
        _stamps = _stampMemory is null ? null : (uint*)_stampMemory.Start;
        HasSetsOfFour = !IsEmpty && geometry is { Replacement: Replacement.TreePlru, Index: SetIndex.Linear } && SetOfFour.Is(in _layout);
        int places = sets * _layout.Stride;
        int widest = sets == 1 ? WidestAlone : WidestCompared;
        _index = _layout.Stride > widest && places <= PageIndex.MaxPlaces ? new PageIndex(places) : null;
        _first = _index ?? PageIndex.OfOnePlace;
        for (int set = 0; set < sets; set++)
        {
            _policy.Initialise(StateOf(SetAt(set)));
        }

        space.Add(this);
    }

    /// <summary>Whether this array exists at all; nothing is kept in one that does not.</summary>
    public bool IsEmpty { get; }

    /// <summary>Whether its sets are of the usual kind, so that they may be used as <see cref="SetOfFour"/>.</summary>
    public bool HasSetsOfFour { get; }

    /// <summary>Whether somebody is to be told when an entry is lost or changed.</summary>
    public bool IsWatched => _watcher is not null;

    /// <summary>Number of entries that there is room for.</summary>
    public int Entries => IsEmpty ? 0 : ((int)_setMask + 1) * _layout.Ways;

    /// <summary>Tells remembered hits from now on when an entry is lost or changed.</summary>
    /// <param name="hits">Hits in this array, whose sets nobody then uses as <see cref="SetOfFour"/>.</param>
    public void Watch(RecentHits hits)
    {
        if (IsEmpty)
        {
            return; // nothing is ever found here, or lost
        }

        if (_watcher is null)
        {
            _watcher = hits;
        }
        else
        {
            _otherWatchers = [.. _otherWatchers ?? [], hits];
        }
    }

    /// <summary>Where its sets of four are.</summary>
    /// <param name="sets">The first; valid while this object is reachable.</param>
    /// <param name="mask">Which bits of an offset, in bytes, decide the set.</param>
    /// <param name="stamps">When each way was filled, by the owner's count of fills; null if they are not stamped.</param>
    public void LocateSetsOfFour(out byte* sets, out nuint mask, out uint* stamps)
    {
        sets = _sets;
        mask = _setMask * (nuint)SetOfFour.Size;
        stamps = _stamps;
    }

    /// <summary>Looks a page up and marks its entry as just used.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <returns>What was inserted for it; 0 if it is not held.</returns>
    public ulong LookUp(uint page, TagOwner owner)
    {
        byte* set = SetOf(page);
        int way = FindWay(set, page, owner);
        if (way < 0)
        {
            return 0;
        }

        _policy.Touch(StateOf(set), way);
        return PayloadsOf(set)[way];
    }

    /// <summary>
    /// The same for a page that is not global, if one look finds it: in the first set, at the way that the index says, or the first
    /// way without an index. Uses of the array count under true LRU alone.
    /// </summary>
    /// <param name="page">Page number, at most 20 bits.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What was inserted for it; undefined if it is not there.</param>
    /// <returns>False if it must be looked up.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every walk, for the PDE cache
    public bool TryUseFirst(uint page, OwnerTags* owner, out ulong payload)
    {
        nuint way = _first.Guess(page); // in the first set, which is its set if the tag there is its own
        if (TagsOf(_sets)[way] != (page | owner->Local) || !TryUse(_firstState, way))
        {
            Unsafe.SkipInit(out payload);
            return false;
        }

        payload = _firstPayloads[way];
        return true;
    }

    /// <summary>Looks a page up without any effect.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="stamp">What it was stamped with; 0 on a miss, and without stamps.</param>
    /// <returns>What was inserted for it; 0 if it is not held.</returns>
    public ulong Peek(uint page, TagOwner owner, out uint stamp)
    {
        int index = IndexOf(page);
        byte* set = SetAt(index);
        int way = FindWay(set, page, owner);
        stamp = way < 0 || _stamps == null ? 0 : StampsOf(index)[way];
        return way < 0 ? 0 : PayloadsOf(set)[way];
    }

    /// <summary>What a use of a page's entry does to the replacement state.</summary>
    /// <param name="page">Page number of a page that is held, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="state">The state of its set.</param>
    /// <returns>The use.</returns>
    public UseOfWay* UseOf(uint page, TagOwner owner, out ulong* state)
    {
        byte* set = SetOf(page);
        state = StateOf(set);
        return _policy.Uses + FindWay(set, page, owner);
    }

    /// <summary>Inserts a page, replacing its own entry, an empty way, or the one that the policy names.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What to keep; not 0.</param>
    /// <param name="global">Whether the entry survives <see cref="TagOwner.FlushNonGlobal"/>.</param>
    /// <param name="stamp">When it was inserted, by the caller's count.</param>
    public void Insert(uint page, TagOwner owner, ulong payload, bool global, uint stamp)
    {
        int index = IndexOf(page);
        byte* set = SetAt(index);
        int way = FindWay(set, page, owner);
        Store(index, way < 0 ? FindRoom(set) : way, owner.TagOf(page, global), payload, stamp);
    }

    /// <summary>The same for a page that is not held, as a lookup has just shown.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What to keep; not 0.</param>
    /// <param name="global">Whether the entry survives <see cref="TagOwner.FlushNonGlobal"/>.</param>
    /// <param name="stamp">When it was inserted, by the caller's count.</param>
    public void InsertMissing(uint page, TagOwner owner, ulong payload, bool global, uint stamp)
    {
        int index = IndexOf(page);
        Store(index, FindRoom(SetAt(index)), owner.TagOf(page, global), payload, stamp);
    }

    /// <summary>Drops one page, global or not.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    public void Remove(uint page, TagOwner owner)
    {
        byte* set = SetOf(page);
        if (_layout.Stride == Vector128<uint>.Count)
        {
            // No branch on whether it is held, which may be as hard to foresee as the way.
            Vector128<uint> tags = Vector128.Load(TagsOf(set));
            Vector128<uint> hits = owner.Tags->Match(page, tags);
            Vector128.Store(Vector128.AndNot(tags, hits), TagsOf(set));
            FullSinceOf(set) = 0;
            if ((page & LargePage) == 0 || hits != Vector128<uint>.Zero)
            {
                TellWatchers(page);
            }

            return;
        }

        int way = FindWay(set, page, owner);
        if (way >= 0)
        {
            Clear(set, way);
        }
    }

    /// <summary>Drops every page of a set, global or not.</summary>
    /// <param name="pages">The set.</param>
    /// <param name="owner">Whose entries.</param>
    public void RemoveAll(PageSet pages, TagOwner owner)
    {
        for (int index = 0; index <= _setMask; index++)
        {
            byte* set = SetAt(index);
            for (int way = 0; way < _layout.Ways; way++)
            {
                uint tag = TagsOf(set)[way];
                uint generation = tag & _generationMask;
                if ((generation == owner.Local || generation == owner.Global) && pages.Contains(tag & ~_generationMask))
                {
                    Clear(set, way);
                }
            }
        }
    }

    /// <summary>Drops one page if it was not inserted as global.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    public void RemoveNonGlobal(uint page, TagOwner owner)
    {
        byte* set = SetOf(page);
        int way = FindWay(set, page, owner);
        if (way >= 0 && TagsOf(set)[way] == (page | owner.Local))
        {
            Clear(set, way);
        }
    }

    /// <summary>Drops the entry in one place, if there is one, whoever owns it.</summary>
    /// <param name="place">Any number; it is taken modulo the number of places.</param>
    public void Evict(uint place)
    {
        int ways = _layout.Ways;
        var index = (int)(place % ((_setMask + 1) * (uint)ways));
        Clear(SetAt(index / ways), index % ways);
    }

    /// <summary>Gives the tags of some generations other ones, and clears all others.</summary>
    /// <param name="before">Generations as they stand in tags.</param>
    /// <param name="after">What each becomes, in the same order.</param>
    public void Renumber(ReadOnlySpan<uint> before, ReadOnlySpan<uint> after)
    {
        for (int index = 0; index <= _setMask; index++)
        {
            byte* set = SetAt(index);
            FullSinceOf(set) = 0; // a generation of the old numbering
            for (int way = 0; way < _layout.Ways; way++)
            {
                uint tag = TagsOf(set)[way];
                int current = before.IndexOf(tag & _generationMask);
                if (current >= 0)
                {
                    TagsOf(set)[way] = (tag & ~_generationMask) | after[current];
                }
                else
                {
                    Clear(set, way);
                }
            }
        }
    }
}
