// One level of set-associative cache with true LRU.
//
//   set   +------------------------------+----------------------------+
//         | lines, 8 bytes for each way: | ranks, a byte for each way |     see LruRanks; the oldest is the victim
//         | line number + 1, or 0        |                            |
//         +------------------------------+----------------------------+
//
//   Ways are rounded up to whole vectors, and to eight; surplus ways hold no line. All ways are compared and ranked at once: which
//   way hits is random, and a branch on it would be mispredicted.
//
//   A table holds the line used last among the sets that share a place in it. If that line is used again, it is the most recent
//   of its set already, and nothing changes.
//
//   Sets are allocated in groups when one of them is used first, so that a large cache costs memory only where it is used:
//
//      by group of 16 sets   +---+---+---+---+--     by number   +------+------+--
//                            | 0 | 2 | 0 | 1 |                   |   *  |   *  |      to the sets
//                            +---+---+---+---+--                 +------+------+--

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using X86Pae.Memory;
using X86Pae.Tlb;

namespace X86Pae.Timing;

/// <summary>Which physical lines one level of data cache holds; contents are not modelled, only residence.</summary>
internal sealed unsafe class DataCache
{
    /// <summary>Most ways that a cache can have.</summary>
    public const int MaxWays = 64;

    private const int SetsInGroup = 16;
    private const int FewGroups = 8;
    private const int WaysInALine = 8; // of the host
    private const int LastUsedPlaces = 64;

    private readonly PinnedBuffer _lastUsedMemory;
    private readonly ulong* _lastUsed; // line number + 1, by the low bits of the set
    private readonly ulong _lastUsedMask;
    private readonly PinnedBuffer _numberMemory;
    private readonly uint* _numbers; // of groups among those that there are, from 1; 0 for one that there is not
    private readonly List<(ulong Index, PinnedBuffer Sets)> _used = []; // groups that there are, by number
    private Stack<PinnedBuffer>? _spare; // of groups that were dropped
    private PinnedBuffer _groupMemory = new(FewGroups * sizeof(byte*), startsALine: false);
    private byte** _groups; // the first set of each group, by number
    private int _groupCapacity = FewGroups;
    private readonly int _ways;
    private readonly int _setSize; // bytes
    private readonly int _rankOffset;
    private readonly int _rankSize;
    private readonly ulong _sets;
    private readonly ulong _setMask; // 0 where the number of sets is not a power of two
    private readonly int _lineShift;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="sizeInBytes">Capacity.</param>
    /// <param name="ways">Associativity, 1 to <see cref="MaxWays"/>; sets times ways times line size is the capacity.</param>
    /// <param name="lineSizeInBytes">A power of two.</param>
    /// <param name="isOuter">Whether an inner cache serves most accesses, so that the same line seldom comes again at once.</param>
    /// <exception cref="ArgumentException">There is not at least one whole set, or it has too many ways.</exception>
    public DataCache(int sizeInBytes, int ways, int lineSizeInBytes, bool isOuter = false)
    {
        int sets = ways > 0 && lineSizeInBytes > 0 ? sizeInBytes / (ways * lineSizeInBytes) : 0;
        if (sets < 1 || sets * ways * lineSizeInBytes != sizeInBytes || !BitOperations.IsPow2(lineSizeInBytes))
        {
            throw new ArgumentException("A cache has whole sets, and a power of two of bytes in a line.", nameof(sizeInBytes));
        }

        if (ways > MaxWays)
        {
            throw new ArgumentException($"A set has at most {MaxWays} ways, not {ways}.", nameof(ways));
        }

        int places = isOuter ? 1 : LastUsedPlaces;
        _lastUsedMemory = new PinnedBuffer(places * sizeof(ulong), startsALine: false);
        _lastUsed = (ulong*)_lastUsedMemory.Start;
        _lastUsedMask = (ulong)places - 1;
        _numberMemory = new PinnedBuffer((sets + SetsInGroup - 1) / SetsInGroup * sizeof(uint), startsALine: false);
        _numbers = (uint*)_numberMemory.Start;
        _groups = (byte**)_groupMemory.Start;
        _ways = ways;
        _rankOffset = Math.Max(RoundUp(ways, Vector256<ulong>.Count), WaysInALine) * sizeof(ulong);
        _rankSize = LruRanks.SizeOf(ways);
        _setSize = _rankOffset + _rankSize;
        _sets = (ulong)sets;
        _setMask = BitOperations.IsPow2(sets) ? _sets - 1 : 0;
        _lineShift = BitOperations.Log2((uint)lineSizeInBytes);
    }

    /// <summary>Looks a line up, makes it the most recent of its set, and fills it in if it was missing.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <returns>Whether the line was there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the line used last is the usual case
    public bool Access(ulong address)
    {
        ulong line = address >> _lineShift;
        ulong index = _setMask != 0 ? line & _setMask : line % _sets;
        return _lastUsed[index & _lastUsedMask] == line + 1 || UseSet(index, line + 1);
    }

    /// <summary>Whether it has at most eight ways, and a power of two of sets, more than one.</summary>
    public bool IsNarrow => _setMask != 0 && _ways <= WaysInALine;

    /// <summary>
    /// <see cref="Access"/> for a narrow cache, without a look at the line used last: for accesses of which any line may be next, so that
    /// whether it is the same is mispredicted.
    /// </summary>
    /// <param name="address">Physical byte address.</param>
    /// <returns>Whether the line was there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a call less in most walks
    public bool AccessNarrow(ulong address)
    {
        ulong line = address >> _lineShift;
        ulong index = line & _setMask;
        _lastUsed[index & _lastUsedMask] = line + 1;
        uint group = _numbers[index / SetsInGroup];
        if (group == 0)
        {
            return UseSet(index, line + 1);
        }

        return UseLine(SetIn(group, index), line + 1);
    }

    /// <summary>Drops every line; costs the host as much as sets were used since the last time.</summary>
    public void Clear()
    {
        foreach ((ulong index, PinnedBuffer sets) in _used)
        {
            (_spare ??= []).Push(sets);
            _numbers[index] = 0;
        }

        _used.Clear();
        new Span<ulong>(_lastUsed, (int)_lastUsedMask + 1).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every access
    private byte* SetIn(uint group, ulong index) => _groups[group] + (index % SetsInGroup * (ulong)_setSize);

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual case small
    private bool UseSet(ulong index, ulong tag)
    {
        _lastUsed[index & _lastUsedMask] = tag;
        uint group = _numbers[index / SetsInGroup];
        if (group == 0)
        {
            group = AllocateGroup(index / SetsInGroup);
        }

        byte* set = SetIn(group, index);
        if (_ways <= WaysInALine)
        {
            return UseLine(set, tag);
        }

        ulong hits = Find((ulong*)set, tag);
        if (hits == 0)
        {
            return Fill(set, tag);
        }

        LruRanks.Use((sbyte*)set + _rankOffset, BitOperations.TrailingZeroCount(hits), _rankSize);
        return true;
    }

    /// <summary>Uses a line of a set of at most eight ways, and fills it in if it was missing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in most walks
    private bool UseLine(byte* set, ulong tag)
    {
        uint hits = FindInALine((ulong*)set, tag);
        if (hits == 0)
        {
            return Fill(set, tag);
        }

        LruRanks.Use((sbyte*)set + _rankOffset, (nuint)BitOperations.TrailingZeroCount(hits));
        return true;
    }

    /// <summary>Fills a line that the set does not hold.</summary>
    /// <returns>False: it was not there.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit small
    private bool Fill(byte* set, ulong tag)
    {
        sbyte* ranks = (sbyte*)set + _rankOffset;
        int way = LruRanks.Oldest(ranks, _ways);
        ((ulong*)set)[way] = tag;
        LruRanks.Use(ranks, way, _rankSize);
        return false;
    }

    private static int RoundUp(int count, int multiple) => (count + multiple - 1) / multiple * multiple;

    /// <summary>Compares eight ways, of which the surplus ones hold no line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // two vectors
    private static uint FindInALine(ulong* lines, ulong tag)
    {
        Vector256<ulong> tags = Vector256.Create(tag);
        return Vector256.Equals(Vector256.Load(lines), tags).ExtractMostSignificantBits()
            | (Vector256.Equals(Vector256.Load(lines + Vector256<ulong>.Count), tags).ExtractMostSignificantBits()
                << Vector256<ulong>.Count);
    }

    private ulong Find(ulong* lines, ulong tag)
    {
        Vector256<ulong> tags = Vector256.Create(tag);
        ulong hits = 0;
        for (int way = 0; way < _ways; way += Vector256<ulong>.Count)
        {
            hits |= (ulong)Vector256.Equals(Vector256.Load(lines + way), tags).ExtractMostSignificantBits() << way;
        }

        return hits;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // once for each group of sets
    private uint AllocateGroup(ulong index)
    {
        PinnedBuffer sets = _spare is { Count: > 0 } ? _spare.Pop() : new PinnedBuffer(SetsInGroup * _setSize);

        for (int i = 0; i < SetsInGroup; i++)
        {
            byte* set = sets.Start + (i * _setSize);
            new Span<byte>(set, _rankOffset).Clear();
            LruRanks.Initialise((sbyte*)set + _rankOffset, _ways);
        }

        _used.Add((index, sets));
        if (_used.Count == _groupCapacity)
        {
            EnlargeGroups();
        }

        uint group = (uint)_used.Count;
        _numbers[index] = group;
        _groups[group] = sets.Start;
        return group;
    }

    private void EnlargeGroups()
    {
        var larger = new PinnedBuffer(2 * _groupCapacity * sizeof(byte*), startsALine: false);
        new ReadOnlySpan<nint>(_groups, _groupCapacity).CopyTo(new Span<nint>(larger.Start, _groupCapacity));
        _groupCapacity *= 2;
        _groupMemory = larger;
        _groups = (byte**)larger.Start;
    }
}
