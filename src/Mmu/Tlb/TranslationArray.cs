// A set-associative array of translations, flushed in constant time.
//
//   tag   31        22  21   20   19                 0
//        +------------+----+-----+--------------------+
//        | generation | G  |large| page number        |     an entry counts only while its generation is the current one
//        +------------+----+-----+--------------------+     of its kind; generation 0 is never current, so 0 is an empty way
//
//   Pages of both sizes may share an array, so the caller marks the number of a large page (LargePage).
//
//   Global and other entries have a generation each: a flush of the non-global entries starts a new generation of those,
//   a full flush starts two. When a generation number runs out the tags are cleared for real.

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace X86Pae.Tlb;

/// <summary>One array of a TLB, or the PDE cache: page numbers to 64-bit payloads, with a policy of replacement.</summary>
internal sealed class TranslationArray
{
    /// <summary>Marks the number of a large page, so that it is not taken for that of a 4-KiB page.</summary>
    public const uint LargePage = 1u << 20;

    private const int GenerationShift = 22;
    private const uint GlobalTag = 1u << 21;
    private const uint LastGeneration = (1u << (32 - GenerationShift)) - 1;

    private readonly uint[] _tags;
    private readonly ulong[] _payloads;
    private readonly uint[] _stamps;
    private readonly ReplacementState _replacement;
    private readonly int _hashShift; // 0 for a linear index
    private readonly uint _setMask;
    private readonly int _ways;
    private readonly int _stride; // ways rounded up to whole vectors; the surplus is never filled
    private uint _generation = 1;
    private uint _globalGeneration = 1;

    /// <summary>Creates an empty array.</summary>
    /// <param name="geometry">Its shape; 0 sets make an array that holds nothing.</param>
    /// <exception cref="ArgumentException">Sets are not a power of two, or the policy does not exist for that many ways.</exception>
    public TranslationArray(TlbGeometry geometry)
    {
        bool exists = geometry.Sets != 0;
        if (exists && !BitOperations.IsPow2(geometry.Sets))
        {
            throw new ArgumentException($"A TLB has a power of two of sets, not {geometry.Sets}.", nameof(geometry));
        }

        IsEmpty = !exists;
        int sets = exists ? geometry.Sets : 1;
        _ways = exists ? geometry.Ways : 1;
        _stride = _ways == 1 ? 1 : (_ways + Vector128<uint>.Count - 1) & -Vector128<uint>.Count;
        _setMask = (uint)sets - 1;
        _tags = new uint[sets * _stride];
        _payloads = new ulong[_tags.Length];
        _stamps = new uint[_tags.Length];
        _replacement = new ReplacementState(geometry.Replacement, sets, _ways);
        _hashShift = geometry.Index == SetIndex.Xor ? BitOperations.Log2((uint)sets) : 0;
    }

    /// <summary>Whether this array exists at all; nothing is kept in one that does not.</summary>
    public bool IsEmpty { get; }

    /// <summary>Looks a page up and marks its entry as just used.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="payload">What was inserted for it; undefined on a miss.</param>
    /// <returns>Whether the page is held.</returns>
    public bool TryGet(uint page, out ulong payload)
    {
        int set = SetOf(page);
        int way = FindWay(set, page);
        if (way < 0)
        {
            Unsafe.SkipInit(out payload);
            return false;
        }

        if (_ways > 1)
        {
            _replacement.Touch(set, way);
        }

        payload = _payloads[(set * _stride) + way];
        return true;
    }

    /// <summary>Looks a page up without any effect.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="payload">What was inserted for it; 0 on a miss.</param>
    /// <param name="stamp">What it was stamped with; 0 on a miss.</param>
    /// <returns>Whether the page is held.</returns>
    public bool TryPeek(uint page, out ulong payload, out uint stamp)
    {
        int set = SetOf(page);
        int way = FindWay(set, page);
        int slot = (set * _stride) + way;
        payload = way < 0 ? 0 : _payloads[slot];
        stamp = way < 0 ? 0 : _stamps[slot];
        return way >= 0;
    }

    /// <summary>Inserts a page, replacing its own entry, an empty way, or the pseudo-least-recently used entry.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <param name="payload">What to keep.</param>
    /// <param name="global">Whether the entry survives <see cref="FlushNonGlobal"/>.</param>
    /// <param name="stamp">When it was inserted, by the caller's count.</param>
    public void Insert(uint page, ulong payload, bool global, uint stamp)
    {
        if (IsEmpty)
        {
            return;
        }

        int set = SetOf(page);
        int way = FindWay(set, page);
        if (way < 0)
        {
            way = FindEmptyWay(set);
        }

        if (way < 0)
        {
            way = _replacement.Victim(set);
        }

        int slot = (set * _stride) + way;
        _tags[slot] = global ? page | GlobalTag | (_globalGeneration << GenerationShift) : page | (_generation << GenerationShift);
        _payloads[slot] = payload;
        _stamps[slot] = stamp;
        _replacement.Fill(set, way);
    }

    /// <summary>Drops one page, global or not.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    /// <returns>Whether it was held.</returns>
    public bool Remove(uint page)
    {
        int set = SetOf(page);
        int way = FindWay(set, page);
        if (way < 0)
        {
            return false;
        }

        _tags[(set * _stride) + way] = 0;
        return true;
    }

    /// <summary>Drops one page if it was not inserted as global.</summary>
    /// <param name="page">Page number, at most 20 bits, marked if the page is large.</param>
    public void RemoveNonGlobal(uint page)
    {
        int set = SetOf(page);
        int way = FindWay(set, page);
        if (way >= 0 && (_tags[(set * _stride) + way] & GlobalTag) == 0)
        {
            _tags[(set * _stride) + way] = 0;
        }
    }

    /// <summary>Drops the entry in one place, if there is one.</summary>
    /// <param name="place">Any number; it is taken modulo the number of places.</param>
    public void Evict(uint place) => _tags[place % (uint)_tags.Length] = 0;

    /// <summary>Drops all entries that were not inserted as global.</summary>
    public void FlushNonGlobal()
    {
        if (++_generation > LastGeneration)
        {
            Clear();
        }
    }

    /// <summary>Drops everything.</summary>
    public void FlushAll()
    {
        _generation++;
        _globalGeneration++;
        if (_generation > LastGeneration || _globalGeneration > LastGeneration)
        {
            Clear();
        }
    }

    private void Clear()
    {
        // Clearing only the stale kind keeps the other one, as the caller asked.
        for (int i = 0; i < _tags.Length; i++)
        {
            bool current = (_tags[i] & GlobalTag) != 0
                ? _globalGeneration <= LastGeneration && _tags[i] >> GenerationShift == _globalGeneration
                : _generation <= LastGeneration && _tags[i] >> GenerationShift == _generation;
            if (!current)
            {
                _tags[i] = 0;
            }
        }

        _generation = _generation > LastGeneration ? 1 : _generation;
        _globalGeneration = _globalGeneration > LastGeneration ? 1 : _globalGeneration;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one mask for a linear index
    private int SetOf(uint page) => (int)((_hashShift == 0 ? page : page ^ (page >> _hashShift)) & _setMask);

    /// <summary>The way of a set that holds a page, or a negative number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every lookup
    private int FindWay(int set, uint page)
    {
        uint tag = page | (_generation << GenerationShift);
        uint globalTag = page | GlobalTag | (_globalGeneration << GenerationShift);
        ReadOnlySpan<uint> ways = _tags.AsSpan(set * _stride, _stride);
        if (_stride == 1)
        {
            return ways[0] == tag || ways[0] == globalTag ? 0 : -1;
        }

        // All ways at once: which way hits is random, and a branch on it would be mispredicted.
        Vector128<uint> tags = Vector128.Create(tag);
        Vector128<uint> globalTags = Vector128.Create(globalTag);
        for (int i = 0; i < ways.Length; i += Vector128<uint>.Count)
        {
            Vector128<uint> four = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(ways), (nuint)i);
            uint hits = (Vector128.Equals(four, tags) | Vector128.Equals(four, globalTags)).ExtractMostSignificantBits();
            if (hits != 0)
            {
                return i + BitOperations.TrailingZeroCount(hits);
            }
        }

        return -1;
    }

    private int FindEmptyWay(int set)
    {
        ReadOnlySpan<uint> ways = _tags.AsSpan(set * _stride, _ways);
        for (int i = 0; i < ways.Length; i++)
        {
            uint current = (ways[i] & GlobalTag) != 0 ? _globalGeneration : _generation;
            if (ways[i] >> GenerationShift != current)
            {
                return i;
            }
        }

        return -1;
    }
}
