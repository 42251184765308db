// Invalidations that processors have made and carry out later. INVLPG drops the translations of a page, and no program can tell
// whether they were dropped at that moment or right before the caches are used next. So a shootdown on a thousand processors writes
// one range here, and each processor carries out the ranges that are new to it when it next uses its caches.
//
//   ranges    0        1        2        ...      count
//            +--------+--------+--------+--------+
//            | pages  | pages  | pages  |        |      each reader that is behind begins at one of them;
//            +--------+--------+--------+--------+      when the log is full, all readers catch up and it is emptied

using System.Numerics;

namespace X86Pae.Tlb;

/// <summary>Invalidations of pages that the processors of a machine have made and not yet carried out on their caches.</summary>
/// <param name="readers">Number of MMUs that <see cref="Mmu{TBus, TTiming}.Join"/> the log, 1 or more; all belong to one thread.</param>
/// <remarks>
/// Sets of readers are words of 64 bits: bit n of word w is reader 64 w + n. To log an invalidation: empty the log if it is full, after
/// all readers behind have caught up; for each word, let those behind catch up that are not in the set, <see cref="Add"/>, and tell the
/// readers that it returns by <see cref="Mmu{TBus, TTiming}.FallBehind"/>; then <see cref="Advance"/>.
/// </remarks>
public sealed class InvalidationLog(int readers)
{
    private const int Capacity = 4096;
    private const int BitsPerWord = 64;
    private const int FewerThanASweep = 16; // from 16 ranges on, one pass over all entries of the caches is cheaper

    private readonly PageRange[] _ranges = new PageRange[Capacity];
    private readonly int[] _from = new int[readers];
    private readonly ulong[] _behind = new ulong[(readers + BitsPerWord - 1) / BitsPerWord];
    private readonly PageSet _set = new(); // the pages of the ranges in _inSet, for readers with large pages of that size
    private (int From, int Count, int LargePageShift) _inSet;
    private int _count;

    /// <summary>Whether all readers must catch up, and the log be emptied, before anything can be added.</summary>
    public bool IsFull => _count == Capacity;

    /// <summary>Adds pages that the readers in one word of a set have invalidated. No other reader of the word is behind.</summary>
    /// <param name="linear">Linear byte address of the first page, a multiple of 4096.</param>
    /// <param name="pages">Number of consecutive 4-KiB pages, 1 or more; addresses wrap at 4 GiB.</param>
    /// <param name="place">Number of the word.</param>
    /// <param name="set">The readers in it.</param>
    /// <returns>The readers of the set that were not behind before, and are now.</returns>
    /// <exception cref="InvalidOperationException">The log is full.</exception>
    public ulong Add(uint linear, uint pages, int place, ulong set)
    {
        if (IsFull)
        {
            throw new InvalidOperationException("The log is full: let all readers catch up, and empty it.");
        }

        _ranges[_count] = new PageRange(linear, pages);
        ulong fallen = set & ~_behind[place];
        _behind[place] |= set;
        for (ulong left = fallen; left != 0; left &= left - 1)
        {
            _from[(place * BitsPerWord) + BitOperations.TrailingZeroCount(left)] = _count;
        }

        return fallen;
    }

    /// <summary>Ends an addition, after all words of its set.</summary>
    public void Advance() => _count++;

    /// <summary>Gives the readers of a word that are behind.</summary>
    /// <param name="place">Number of the word.</param>
    /// <returns>A bit for each.</returns>
    public ulong BehindIn(int place) => _behind[place];

    /// <summary>Empties the log. No reader is behind.</summary>
    public void Empty()
    {
        ClearSet();
        _count = 0;
    }

    /// <summary>Carries out on a reader's caches the invalidations that are new to it.</summary>
    /// <param name="reader">Number of the reader.</param>
    /// <param name="caches">Its caches.</param>
    internal void CatchUp(int reader, TranslationCaches caches)
    {
        ref ulong behind = ref _behind[reader / BitsPerWord];
        if ((behind >> reader & 1) == 0)
        {
            return;
        }

        behind &= ~(1UL << reader);
        ReadOnlySpan<PageRange> ranges = _ranges.AsSpan(_from[reader], _count - _from[reader]);
        if (ranges.Length < FewerThanASweep || caches.SplintersLargePages)
        {
            caches.InvalidatePages(ranges);
        }
        else
        {
            FillSet((_from[reader], ranges.Length, caches.LargePageShift));
            caches.InvalidatePages(_set);
        }
    }

    // Readers that fell behind at the same range share the set.
    private void FillSet((int From, int Count, int LargePageShift) wanted)
    {
        if (wanted != _inSet)
        {
            ClearSet();
            _inSet = wanted;
            ForEachPage((set, page) => set.Add(page));
        }
    }

    private void ClearSet()
    {
        ForEachPage((set, page) => set.Clear(page));
        _inSet = default;
    }

    private void ForEachPage(Action<PageSet, uint> act)
    {
        foreach (PageRange range in _ranges.AsSpan(_inSet.From, _inSet.Count))
        {
            for (uint i = 0; i < range.Count; i++)
            {
                uint linear = range.Linear + (i << 12);
                act(_set, linear >> 12);
                act(_set, (linear >> _inSet.LargePageShift) | TranslationArray.LargePage);
            }
        }
    }
}
