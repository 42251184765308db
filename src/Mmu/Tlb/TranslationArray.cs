// A set-associative array of translations. What a tag is, and when it counts: see TagSpace.
//
//   set   +-------------------+---------------+--------------------------------+
//         | tags, 4 bytes for | replacement   | payloads, 8 bytes for each way |     a power of two of bytes, so that the usual
//         | each way          | state         |                                |     set of four ways is one line of the host
//         +-------------------+---------------+--------------------------------+
//
//   Ways are rounded up to whole vectors; tags of surplus ways stay 0. All ways are compared at once: which way hits is random,
//   and a branch on it would be mispredicted. Sets that are too wide for that have a PageIndex.
//
//   Pages of both sizes may share an array, so the caller marks the number of a large page (LargePage).

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using X86Pae.Memory;

namespace X86Pae.Tlb;

/// <summary>One array of a TLB, or the PDE cache: page numbers to 64-bit payloads, with a policy of replacement.</summary>
/// <remarks>Entries belong to owners, which share the room but neither find nor drop each other's entries.</remarks>
internal sealed unsafe class TranslationArray
{
    /// <summary>Bits of a page number with the mark of a large page.</summary>
    public const int PageBits = 21;

    /// <summary>Marks the number of a large page, so that it is not taken for that of a 4-KiB page.</summary>
    public const uint LargePage = 1u << 20;

    private const int WidestCompared = 16; // ways

    private readonly TagSpace _space;
    private readonly PinnedBuffer _memory;
    private readonly byte* _sets;
    private readonly int _places; // ways that there are or that fill a vector up, in all sets
    private readonly uint[] _stamps; // of the ways that there are
    private readonly ReplacementPolicy _policy;
    private readonly PageIndex? _index;
    private readonly int _hashShift; // 0 for a linear index
    private readonly uint _setMask;
    private readonly int _setSize; // bytes
    private readonly int _stateOffset;
    private readonly int _fullSinceOffset;
    private readonly int _payloadOffset;
    private readonly int _ways;
    private readonly int _stride; // ways rounded up to whole vectors
    private RecentHits? _watcher;
    private RecentHits[] _otherWatchers = []; // of other owners

    /// <summary>Creates an empty array.</summary>
    /// <param name="geometry">Its shape; 0 sets make an array that holds nothing.</param>
    /// <param name="space">Where its owners take their generations from.</param>
    /// <exception cref="ArgumentException">Sets are not a power of two, or the policy does not exist for that many ways.</exception>
    public TranslationArray(TlbGeometry geometry, TagSpace space)
    {
        IsEmpty = geometry.Sets == 0;
        int sets = IsEmpty ? 1 : geometry.Sets;
        if (!BitOperations.IsPow2(sets))
        {
            throw new ArgumentException($"A TLB has a power of two of sets, not {geometry.Sets}.", nameof(geometry));
        }

        _space = space;
        _ways = IsEmpty ? 1 : geometry.Ways;
        _policy = new ReplacementPolicy(geometry.Replacement, _ways, space.Uses);
        _stride = StrideOf(_ways);
        _stateOffset = ((_stride * sizeof(uint)) + sizeof(ulong) - 1) & -sizeof(ulong);
        _fullSinceOffset = _stateOffset + (_policy.WordsInSet * sizeof(ulong));
        _payloadOffset = _fullSinceOffset + (_stride == 1 ? 0 : sizeof(ulong));
        _setSize = SetSizeOf(_payloadOffset + (_ways * sizeof(ulong)));
        _setMask = (uint)sets - 1;
        _hashShift = geometry.Index == SetIndex.Xor ? BitOperations.Log2((uint)sets) : 0;
        _memory = new PinnedBuffer(sets * _setSize);
        _sets = _memory.Start;
        _places = sets * _stride;
        _stamps = new uint[sets * _ways];
        _index = _stride > WidestCompared && _places <= PageIndex.MaxPlaces ? new PageIndex(_places) : null;
        for (int set = 0; set < sets && _ways > 1; set++)
        {
            _policy.Initialise(StateOf(set));
        }

        space.Add(this);
    }

    /// <summary>Whether this array exists at all; nothing is kept in one that does not.</summary>
    public bool IsEmpty { get; }

    /// <summary>Number of entries that there is room for.</summary>
    public int Entries => IsEmpty ? 0 : ((int)_setMask + 1) * _ways;

    /// <summary>Tells remembered hits from now on when an entry is lost or changed.</summary>
    /// <param name="hits">Hits in this array.</param>
    public void Watch(RecentHits hits)
    {
        if (_watcher is null)
        {
            _watcher = hits;
        }
        else
        {
            _otherWatchers = [.. _otherWatchers, hits];
        }
    }

    /// <summary>Looks a page up and marks its entry as just used.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What was inserted for it; 0 on a miss.</param>
    /// <returns>Whether the page is held.</returns>
    public bool TryGet(uint page, TagOwner owner, out ulong payload)
    {
        int set = SetOf(page);
        int way = FindWay(set, page, owner);
        if (way < 0)
        {
            payload = 0;
            return false;
        }

        _policy.Touch(StateOf(set), way);
        payload = PayloadsOf(set)[way];
        return true;
    }

    /// <summary>Looks a page up without any effect.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What was inserted for it; 0 on a miss.</param>
    /// <param name="stamp">What it was stamped with; 0 on a miss.</param>
    /// <returns>Whether the page is held.</returns>
    public bool TryPeek(uint page, TagOwner owner, out ulong payload, out uint stamp)
    {
        int set = SetOf(page);
        int way = FindWay(set, page, owner);
        payload = way < 0 ? 0 : PayloadsOf(set)[way];
        stamp = way < 0 ? 0 : _stamps[(set * _ways) + way];
        return way >= 0;
    }

    /// <summary>What a use of a page's entry does to the replacement state.</summary>
    /// <param name="page">Page number of a page that is held, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    public EntryUse UseOf(uint page, TagOwner owner)
    {
        int set = SetOf(page);
        return _policy.UseOf(StateOf(set), FindWay(set, page, owner));
    }

    /// <summary>Inserts a page, replacing its own entry, an empty way, or the one that the policy names.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What to keep.</param>
    /// <param name="global">Whether the entry survives <see cref="TagOwner.FlushNonGlobal"/>.</param>
    /// <param name="stamp">When it was inserted, by the caller's count.</param>
    public void Insert(uint page, TagOwner owner, ulong payload, bool global, uint stamp)
    {
        int set = SetOf(page);
        int way = FindWay(set, page, owner);
        Store(set, way < 0 ? FindRoom(set) : way, page | (global ? owner.Global : owner.Local), payload, stamp);
    }

    /// <summary>The same for a page that is not held, as a lookup has just shown.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What to keep.</param>
    /// <param name="global">Whether the entry survives <see cref="TagOwner.FlushNonGlobal"/>.</param>
    /// <param name="stamp">When it was inserted, by the caller's count.</param>
    public void InsertMissing(uint page, TagOwner owner, ulong payload, bool global, uint stamp)
    {
        int set = SetOf(page);
        Store(set, FindRoom(set), page | (global ? owner.Global : owner.Local), payload, stamp);
    }

    /// <summary>Drops one page, global or not.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="owner">Whose entry.</param>
    public void Remove(uint page, TagOwner owner)
    {
        int set = SetOf(page);
        if (_stride == Vector128<uint>.Count)
        {
            // No branch on whether it is held, which may be as hard to foresee as the way.
            Vector128<uint> tags = Vector128.Load(TagsOf(set));
            Vector128<uint> hits = Vector128.Equals(tags, Vector128.Create(page | owner.Local))
                | Vector128.Equals(tags, Vector128.Create(page | owner.Global));
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
        uint mask = _space.GenerationMask;
        for (int set = 0; set <= _setMask; set++)
        {
            for (int way = 0; way < _ways; way++)
            {
                uint tag = TagsOf(set)[way];
                uint generation = tag & mask;
                if ((generation == owner.Local || generation == owner.Global) && pages.Contains(tag & ~mask))
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
        int set = SetOf(page);
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
        int index = (int)(place % (uint)_places);
        Clear(index / _stride, index % _stride);
    }

    /// <summary>Gives the tags of some generations other ones, and clears all others.</summary>
    /// <param name="before">Generations as they stand in tags.</param>
    /// <param name="after">What each becomes, in the same order.</param>
    public void Renumber(ReadOnlySpan<uint> before, ReadOnlySpan<uint> after)
    {
        uint mask = _space.GenerationMask;
        for (int place = 0; place < _places; place++)
        {
            int set = place / _stride;
            int way = place % _stride;
            uint tag = TagsOf(set)[way];
            int current = before.IndexOf(tag & mask);
            if (current >= 0)
            {
                TagsOf(set)[way] = (tag & ~mask) | after[current];
            }
            else
            {
                Clear(set, way);
            }

            SetChanged(set);
        }
    }

    // Up to 4 ways are one vector of four; more are vectors of eight.
    private static int StrideOf(int ways) => ways switch
    {
        1 => 1,
        <= 4 => 4,
        _ => (ways + 7) & ~7,
    };

    // Whole lines, but for the sets of one way, of which there may be a million.
    private static int SetSizeOf(int bytes) => bytes <= 16 ? bytes : (bytes + 63) & ~63;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a multiplication
    private byte* SetAt(int set) => _sets + (set * _setSize);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // as SetAt
    private uint* TagsOf(int set) => (uint*)SetAt(set);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one mask for a linear index
    private int SetOf(uint page) => (int)((_hashShift == 0 ? page : page ^ (page >> _hashShift)) & _setMask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // an addition
    private ulong* StateOf(int set) => (ulong*)(SetAt(set) + _stateOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // an addition
    private ulong* PayloadsOf(int set) => (ulong*)(SetAt(set) + _payloadOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // an addition
    private ref uint FullSinceOf(int set) => ref *(uint*)(SetAt(set) + _fullSinceOffset);

    /// <summary>The way of a set that holds a page, or a negative number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every lookup
    private int FindWay(int set, uint page, TagOwner owner)
    {
        uint local = page | owner.Local;
        uint global = page | owner.Global;
        if (_stride != Vector128<uint>.Count)
        {
            return FindWayInWideSet(set, page, local, global);
        }

        Vector128<uint> tags = Vector128.Load(TagsOf(set));
        uint hits = (Vector128.Equals(tags, Vector128.Create(local)) | Vector128.Equals(tags, Vector128.Create(global)))
            .ExtractMostSignificantBits();
        return hits == 0 ? -1 : BitOperations.TrailingZeroCount(hits);
    }

    /// <summary>The same where a set is not one vector of four.</summary>
    private int FindWayInWideSet(int set, uint page, uint local, uint global)
    {
        uint* tags = TagsOf(set);
        switch (_stride)
        {
            case 1:
                return *tags == local || *tags == global ? 0 : -1;
            case 8:
                uint hits = CompareEight(tags, local, global);
                return hits == 0 ? -1 : BitOperations.TrailingZeroCount(hits);
            case 16:
                hits = CompareEight(tags, local, global) | (CompareEight(tags + 8, local, global) << 8);
                return hits == 0 ? -1 : BitOperations.TrailingZeroCount(hits);
            default:
                return _index is null ? SearchSet(set, local, global) : FindByIndex(set, page, local, global);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // three vector instructions
    private static uint CompareEight(uint* tags, uint local, uint global)
    {
        Vector256<uint> eight = Vector256.Load(tags);
        return (Vector256.Equals(eight, Vector256.Create(local)) | Vector256.Equals(eight, Vector256.Create(global)))
            .ExtractMostSignificantBits();
    }

    private int FindByIndex(int set, uint page, uint local, uint global)
    {
        if (!_index!.MayHold(page, out int place))
        {
            return -1;
        }

        int way = place - (set * _stride);
        if ((uint)way < (uint)_stride && (TagsOf(set)[way] == local || TagsOf(set)[way] == global))
        {
            return way;
        }

        way = SearchSet(set, local, global);
        if (way >= 0)
        {
            _index.Found(page, (set * _stride) + way);
        }

        return way;
    }

    private int SearchSet(int set, uint local, uint global)
    {
        for (int way = 0; way < _stride; way += Vector256<uint>.Count)
        {
            uint hits = CompareEight(TagsOf(set) + way, local, global);
            if (hits != 0)
            {
                return way + BitOperations.TrailingZeroCount(hits);
            }
        }

        return -1;
    }

    /// <summary>The lowest way of a set that is empty, or the one that the policy names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    private int FindRoom(int set)
    {
        if (_stride == 1)
        {
            return 0;
        }

        int empty = FullSinceOf(set) == _space.Latest ? -1 : FindEmptyWay(set);
        return empty >= 0 ? empty : _policy.Victim(StateOf(set));
    }

    private int FindEmptyWay(int set)
    {
        // Four ways at a time, as the narrowest set has.
        Vector128<uint> mask = Vector128.Create(_space.GenerationMask);
        for (int way = 0; way < _ways; way += Vector128<uint>.Count)
        {
            Vector128<uint> generations = Vector128.Load(TagsOf(set) + way) & mask;
            Vector128<uint> counting = default;
            foreach (uint current in _space.Current)
            {
                counting |= Vector128.Equals(generations, Vector128.Create(current));
            }

            int empty = way + BitOperations.TrailingZeroCount(~counting.ExtractMostSignificantBits());
            if (empty < Math.Min(way + Vector128<uint>.Count, _ways))
            {
                return empty;
            }
        }

        FullSinceOf(set) = _space.Latest;
        return -1;
    }

    private void Store(int set, int way, uint tag, ulong payload, uint stamp)
    {
        if (IsEmpty)
        {
            return;
        }

        Lose(set, way);
        TagsOf(set)[way] = tag;
        PayloadsOf(set)[way] = payload;
        _stamps[(set * _ways) + way] = stamp;
        _policy.Fill(StateOf(set), way);
        _index?.Stored(tag & ~_space.GenerationMask, (set * _stride) + way);
    }

    private void Clear(int set, int way)
    {
        Lose(set, way);
        TagsOf(set)[way] = 0;
        SetChanged(set);
    }

    /// <summary>A way of a set may be empty now; the only way of a set is found without this.</summary>
    private void SetChanged(int set)
    {
        if (_stride > 1)
        {
            FullSinceOf(set) = 0;
        }
    }

    /// <summary>A tag is about to change: whoever remembers it must not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    private void Lose(int set, int way)
    {
        uint page = TagsOf(set)[way] & ~_space.GenerationMask;
        TellWatchers(page);
        if (_index is not null && TagsOf(set)[way] != 0)
        {
            _index.Lost(page);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    private void TellWatchers(uint page)
    {
        if (_watcher is null)
        {
            return;
        }

        _watcher.Forget(page);
        foreach (RecentHits hits in _otherWatchers)
        {
            hits.Forget(page);
        }
    }
}
