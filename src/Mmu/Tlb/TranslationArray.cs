// A set-associative array of translations. What a tag is, and when it counts: see GenerationSpace; what a set is made of:
// SetLayout.
//
//   All ways are compared at once: which way hits is random, and a branch on it would be mispredicted. Sets that are too wide
//   for that have a PageIndex, and so has the one set of a small array, where it is the shorter way.
//
//   Pages of both sizes may share an array, so the caller marks the number of a large page (LargePage).
//
//   Lookups and fills are most of what a TLB miss costs the host. Who asks an array often asks its sets of four (SetsOfFour) or its
//   one set (IndexedSet) first, if it has such.

using System.Numerics;
using System.Runtime.Intrinsics;
using X86Pae.Memory;

namespace X86Pae.Tlb;

/// <summary>One array of a TLB, or the PDE cache: page numbers to 64-bit payloads, with a policy of replacement.</summary>
/// <remarks>Entries belong to logical processors, which share the room but neither find nor drop each other's entries.</remarks>
internal sealed unsafe partial class TranslationArray
{
    /// <summary>Bits of a page number with the mark of a large page.</summary>
    public const int PageBits = 21;

    /// <summary>Marks the number of a large page, so that it is not taken for that of a 4-KiB page.</summary>
    public const uint LargePage = 1u << 20;

    private const int WidestCompared = 16; // ways
    private const int WidestAlone = 4; // of an array of one set, whose index is small

    private readonly GenerationSpace _space;
    private readonly PinnedBuffer _memory;
    private readonly PinnedBuffer? _stampMemory;
    private readonly byte* _sets;
    private readonly uint* _stamps; // of the ways that there are; null if they have none
    private readonly SetLayout _layout;
    private readonly ReplacementPolicy _policy;
    private readonly PageIndex? _index;
    private readonly int _hashShift;
    private readonly uint _setMask;
    private readonly uint _generationMask;

    /// <summary>Creates an empty array.</summary>
    /// <param name="geometry">Its shape.</param>
    /// <param name="space">Where those who own entries take their generations from.</param>
    /// <param name="isStamped">Whether entries keep when they were inserted.</param>
    /// <exception cref="ArgumentException">Sets are not a power of two, or the policy does not exist for that many ways.</exception>
    public TranslationArray(TlbGeometry geometry, GenerationSpace space, bool isStamped)
    {
        (int sets, int ways) = (geometry.Sets, geometry.Ways);
        if (!BitOperations.IsPow2(sets))
        {
            throw new ArgumentException($"A TLB has a power of two of sets, not {sets}.", nameof(geometry));
        }

        _space = space;
        _generationMask = space.GenerationMask;
        _policy = new ReplacementPolicy(geometry.Replacement, ways);
        _layout = new SetLayout(ways, _policy.WordsInSet);
        _setMask = (uint)sets - 1;
        _hashShift = geometry.Index == SetIndex.Xor ? BitOperations.Log2((uint)sets) : PageBits;
        _memory = new PinnedBuffer(sets * _layout.Size);
        _sets = _memory.Start;
        _stampMemory = isStamped ? new PinnedBuffer(sets * ways * sizeof(uint)) : null;
        _stamps = _stampMemory is null ? null : (uint*)_stampMemory.Start;
        HasSetsOfFour = geometry is { Replacement: Replacement.TreePlru, Index: SetIndex.Linear } && SetsOfFour.Fit(in _layout);
        int places = sets * _layout.Stride;
        int widest = sets == 1 ? WidestAlone : WidestCompared;
        _index = _layout.Stride > widest && places <= PageIndex.MaxPlaces ? new PageIndex(places) : null;
        for (int set = 0; set < sets; set++)
        {
            _policy.Initialise(StateOf(SetAt(set)));
        }

        space.Add(this);
    }

    /// <summary>Whether its sets are of the usual kind.</summary>
    public bool HasSetsOfFour { get; }

    /// <summary>Its sets, which there are only with <see cref="HasSetsOfFour"/>.</summary>
    public SetsOfFour SetsOfFour => HasSetsOfFour ? new SetsOfFour(_sets, (int)_setMask + 1, _stamps) : SetsOfFour.None;

    /// <summary>Whether it is one set under true LRU with an index.</summary>
    public bool HasIndexedSet => _setMask == 0 && _index is not null && _policy.OrdersUses;

    /// <summary>Its set, which there is only with <see cref="HasIndexedSet"/>.</summary>
    public IndexedSet IndexedSet => HasIndexedSet
        ? new IndexedSet(_index!, TagsOf(_sets), StateOf(_sets), _policy.HasRanks, PayloadsOf(_sets))
        : IndexedSet.None;

    /// <summary>Looks a page up and marks its entry as just used.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <returns>What was added for it; 0 if it is not held.</returns>
    public ulong LookUp(uint page, Generations owner)
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

    /// <summary>Looks a page up without any effect.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="stamp">What it was stamped with; 0 on a miss, and without stamps.</param>
    /// <returns>What was added for it; 0 if it is not held.</returns>
    public ulong Peek(uint page, Generations owner, out uint stamp)
    {
        int index = IndexOf(page);
        byte* set = SetAt(index);
        int way = FindWay(set, page, owner);
        stamp = way < 0 || _stamps == null ? 0 : StampsOf(index)[way];
        return way < 0 ? 0 : PayloadsOf(set)[way];
    }

    /// <summary>Adds a page that is not held, in an empty way or that which the policy names.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What to keep; not 0.</param>
    /// <param name="global">Whether the entry survives <see cref="Generations.FlushNonGlobal"/>.</param>
    /// <param name="stamp">When it was added, by the caller's count.</param>
    public void Add(uint page, Generations owner, ulong payload, bool global, uint stamp)
    {
        int index = IndexOf(page);
        Store(index, FindRoom(SetAt(index)), owner.TagOf(page, global), payload, stamp);
    }

    /// <summary>Adds a page, or replaces what is held for it.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What to keep; not 0.</param>
    /// <param name="global">Whether the entry survives <see cref="Generations.FlushNonGlobal"/>.</param>
    /// <param name="stamp">When it was added, by the caller's count.</param>
    public void Set(uint page, Generations owner, ulong payload, bool global, uint stamp)
    {
        int index = IndexOf(page);
        byte* set = SetAt(index);
        int way = FindWay(set, page, owner);
        Store(index, way < 0 ? FindRoom(set) : way, owner.TagOf(page, global), payload, stamp);
    }

    /// <summary>Drops one page.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="global">Whether an entry that was added as global is dropped as well.</param>
    public void Remove(uint page, Generations owner, bool global)
    {
        byte* set = SetOf(page);
        if (_layout.Stride == Vector128<uint>.Count && global)
        {
            // No branch on whether it is held, which may be as hard to foresee as the way.
            Vector128<uint> tags = Vector128.Load(TagsOf(set));
            Vector128.Store(Vector128.AndNot(tags, Match(tags, page | owner.Local, page | owner.Global)), TagsOf(set));
            FullSinceOf(set) = 0;
            return;
        }

        int way = FindWay(set, page, owner);
        if (way >= 0 && (global || TagsOf(set)[way] == (page | owner.Local)))
        {
            Clear(set, way);
        }
    }

    /// <summary>Drops every page of a set, global or not.</summary>
    /// <param name="pages">The set.</param>
    /// <param name="owner">Whose entries.</param>
    public void RemoveAll(PageSet pages, Generations owner)
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
