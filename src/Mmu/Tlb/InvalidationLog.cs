// What processors have invalidated at one moment and may carry out at another: an INVLPG of a page drops what is cached for it at
// that time, and nothing can tell whether it was dropped then or right before the caches are used next. So a shootdown on a thousand
// processors writes one line here, and each processor reads what is new to it when it needs its caches.
//
//   ranges    0        1        2        ...      count
//            +--------+--------+--------+--------+
//            | pages  | pages  | pages  |        |      each reader that is behind has to begin at one of them;
//            +--------+--------+--------+--------+      when there is no room, all readers catch up and the log is emptied

using System.Numerics;

namespace X86Pae.Tlb;

/// <summary>Invalidations of pages that the processors of a machine have made and not yet carried out.</summary>
/// <param name="readers">Number of processors.</param>
internal sealed class InvalidationLog(int readers)
{
    private const int Capacity = 4096;
    private const int BitsPerWord = 64;
    private const int FewerThanASweep = 16; // from so many ranges on, going through all entries once is cheaper

    private readonly PageRange[] _ranges = new PageRange[Capacity];
    private readonly int[] _from = new int[readers];
    private readonly ulong[] _behind = new ulong[(readers + BitsPerWord - 1) / BitsPerWord];
    private readonly PageSet _set = new(); // the pages of the ranges below, as readers with such large pages see them
    private (int From, int Count, int LargePageShift) _inSet;
    private int _count;

    /// <summary>Whether all readers must catch up before anything can be added.</summary>
    public bool IsFull => _count == Capacity;

    /// <summary>Adds pages that the readers of a set have invalidated; the log is not full, and nobody else is behind.</summary>
    /// <param name="pages">The pages.</param>
    /// <param name="place">Which word of the set follows, that is, readers 64 times this number and the 63 after.</param>
    /// <param name="set">The readers, a bit for each.</param>
    /// <returns>Those of them that were not behind before, and are now.</returns>
    public ulong Add(PageRange pages, int place, ulong set)
    {
        _ranges[_count] = pages;
        ulong fallen = set & ~_behind[place];
        _behind[place] |= set;
        for (ulong left = fallen; left != 0; left &= left - 1)
        {
            _from[(place * BitsPerWord) + BitOperations.TrailingZeroCount(left)] = _count;
        }

        return fallen;
    }

    /// <summary>Ends an addition, after all words of the set.</summary>
    public void Advance() => _count++;

    /// <summary>The readers of a word that are behind.</summary>
    /// <param name="place">Which word.</param>
    public ulong BehindIn(int place) => _behind[place];

    /// <summary>Empties the log; nobody is behind.</summary>
    public void Empty()
    {
        ClearSet();
        _count = 0;
    }

    /// <summary>Carries out on a reader's caches what is new to it, if anything is.</summary>
    /// <param name="reader">Its number.</param>
    /// <param name="caches">Its caches.</param>
    public void CatchUp(int reader, TranslationCaches caches)
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

    // Readers that fell behind together share the set.
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
