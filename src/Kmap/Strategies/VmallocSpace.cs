// Which pages of the vmalloc area are free. The kernel keeps free areas in a tree ordered by address and augmented with the
// largest size below each node, and takes the lowest area that fits; a bitmap searched from the lowest page gives the same
// addresses, without a node to allocate. The tree's cost is charged by its depth.

using System.Numerics;

namespace X86Pae.Kmap.Strategies;

/// <summary>Allocator of runs of pages in the vmalloc area: lowest address that fits (Linux 6.12 mm/vmalloc.c).</summary>
internal sealed class VmallocSpace
{
    private readonly ulong[] _taken; // bit n for page n
    private readonly int _pages;
    private int _lowestFree;

    /// <summary>Creates a space with every page free.</summary>
    /// <param name="pages">Its size in pages.</param>
    public VmallocSpace(int pages)
    {
        _pages = pages;
        _taken = new ulong[(pages + 63) / 64];
    }

    /// <summary>Number of free areas, that is of maximal runs of free pages.</summary>
    public int FreeAreas { get; private set; } = 1;

    /// <summary>Takes the lowest run of free pages.</summary>
    /// <param name="pages">Its length, at least 1.</param>
    /// <returns>Number of the first page, or -1 if no run is long enough.</returns>
    public int Take(int pages)
    {
        int lowest = NextFree(_lowestFree);
        for (int start = lowest; start < _pages;)
        {
            int end = NextTaken(start, Math.Min(start + pages, _pages));
            if (end - start == pages)
            {
                bool splits = end < _pages && !IsTaken(end);
                FreeAreas -= splits ? 0 : 1;
                Mark(start, pages, taken: true);
                _lowestFree = start == lowest ? end : lowest;
                return start;
            }

            start = NextFree(end);
        }

        return -1;
    }

    /// <summary>Gives a run back.</summary>
    /// <param name="start">Number of its first page.</param>
    /// <param name="pages">Its length.</param>
    public void Free(int start, int pages)
    {
        bool joinsBelow = start > 0 && !IsTaken(start - 1);
        bool joinsAbove = start + pages < _pages && !IsTaken(start + pages);
        FreeAreas += 1 - (joinsBelow ? 1 : 0) - (joinsAbove ? 1 : 0);
        Mark(start, pages, taken: false);
        _lowestFree = Math.Min(_lowestFree, start);
    }

    private bool IsTaken(int page) => (_taken[page >> 6] >> (page & 63) & 1) != 0;

    private void Mark(int start, int pages, bool taken)
    {
        for (int page = start; page < start + pages; page++)
        {
            ulong bit = 1UL << (page & 63);
            _taken[page >> 6] = taken ? _taken[page >> 6] | bit : _taken[page >> 6] & ~bit;
        }
    }

    /// <summary>First free page from one on, or the number of pages.</summary>
    private int NextFree(int page) => Next(page, _pages, 0);

    /// <summary>First taken page from one on, or the limit.</summary>
    private int NextTaken(int page, int limit) => Next(page, limit, ulong.MaxValue);

    private int Next(int page, int limit, ulong invert)
    {
        while (page < limit)
        {
            ulong candidates = ~(_taken[page >> 6] ^ invert) >> (page & 63);
            if (candidates != 0)
            {
                return Math.Min(limit, page + BitOperations.TrailingZeroCount(candidates));
            }

            page = (page | 63) + 1;
        }

        return limit;
    }
}
