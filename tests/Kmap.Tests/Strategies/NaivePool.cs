namespace X86Pae.Kmap.Tests.Strategies;

/// <summary>The pool of kmap in the words of Linux mm/highmem.c, without a machine: slots, flushes and scan steps.</summary>
internal sealed class NaivePool
{
    private readonly int[] _count = new int[512];
    private readonly int[] _page = new int[512];
    private readonly Dictionary<int, int> _slotOf = [];
    private int _last;

    public int Flushes { get; private set; }

    public int Reaped { get; private set; }

    public int Steps { get; private set; }

    public int Installed { get; private set; }

    /// <summary>The slot, or -1 if the caller has to sleep.</summary>
    public int Map(int page)
    {
        if (!_slotOf.TryGetValue(page, out int slot))
        {
            slot = NewSlot();
            if (slot < 0)
            {
                return -1;
            }

            Installed++;
            _count[slot] = 1;
            _page[slot] = page;
            _slotOf.Add(page, slot);
        }

        _count[slot]++;
        return slot;
    }

    public bool Unmap(int page)
    {
        if (!_slotOf.TryGetValue(page, out int slot) || _count[slot] < 2)
        {
            return false;
        }

        _count[slot]--;
        return true;
    }

    private int NewSlot()
    {
        int count = 512;
        while (true)
        {
            _last = (_last + 1) & 511;
            Steps++;
            if (_last == 0)
            {
                Reap();
                count = 512;
            }

            if (_count[_last] == 0)
            {
                return _last;
            }

            if (--count == 0)
            {
                return -1;
            }
        }
    }

    private void Reap()
    {
        bool flush = false;
        for (int i = 0; i < 512; i++)
        {
            if (_count[i] == 1)
            {
                _count[i] = 0;
                _slotOf.Remove(_page[i]);
                Reaped++;
                flush = true;
            }
        }

        Flushes += flush ? 1 : 0;
    }
}
