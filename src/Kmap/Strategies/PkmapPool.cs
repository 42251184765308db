using X86Pae.Kmap.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Strategies;

/// <summary>State of the persistent pool; see <see cref="PersistentKmap"/> for how it works.</summary>
internal sealed class PkmapPool
{
    private const int Slots = KernelLayout.PkmapSlots;
    private const int NoSlot = -1;

    private readonly GuestKernel _kernel;
    private readonly KernelSpinLock _lock = new(); // kmap_lock
    private readonly WaitQueue _waiters = new(); // pkmap_map_wait
    private readonly PkmapHash _hash;
    private readonly int[] _counts = new int[Slots]; // pkmap_count
    private int _cursor; // last_pkmap_nr

    /// <summary>Creates an empty pool.</summary>
    /// <param name="kernel">The kernel.</param>
    public PkmapPool(GuestKernel kernel)
    {
        _kernel = kernel;
        _hash = new PkmapHash(kernel);
    }

    /// <summary>kmap_high.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">A page of high memory.</param>
    public MapOutcome Map(Processor processor, PageFrame frame)
    {
        _kernel.Lock(processor, _lock);
        int slot = _hash.Find(processor, frame);
        if (slot < 0)
        {
            slot = TakeSlot(processor);
            if (slot == NoSlot)
            {
                // The sleeper rejoins here: it looks the page up again, and scans again from where the cursor is then.
                _waiters.Sleep(_kernel.Current(processor));
                _lock.Release(processor);
                return MapOutcome.Failed(MapStatus.Sleeps);
            }

            _kernel.SetEntry(processor, Address(slot), frame.PhysicalAddress | GuestKernel.KmapProtection);
            _counts[slot] = 1;
            _hash.Add(processor, frame, slot);
        }

        _counts[slot]++;
        _lock.Release(processor);
        return MapOutcome.At(Address(slot));
    }

    /// <summary>kunmap_high.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">A page of high memory.</param>
    public UnmapStatus Unmap(Processor processor, PageFrame frame)
    {
        _kernel.Lock(processor, _lock);
        int slot = _hash.Find(processor, frame);
        bool mapped = slot >= 0 && _counts[slot] >= 2;
        if (mapped && --_counts[slot] == 1)
        {
            _waiters.WakeAll();
        }

        _lock.Release(processor);
        return mapped ? UnmapStatus.Unmapped : UnmapStatus.Bug;
    }

    private uint Address(int slot) => _kernel.Layout.PkmapBase + ((uint)slot * PageFrame.SizeInBytes);

    /// <summary>map_new_virtual: the next slot that is free, reaping at each turn of the cursor.</summary>
    /// <returns>A slot with count 0, or <see cref="NoSlot"/> after 512 slots in use since the last turn.</returns>
    private int TakeSlot(Processor processor)
    {
        int visited = 0;
        for (int budget = Slots; budget > 0; budget--)
        {
            _cursor = (_cursor + 1) & (Slots - 1);
            visited++;
            if (_cursor == 0)
            {
                Reap(processor);
                budget = Slots;
            }

            if (_counts[_cursor] == 0)
            {
                GuestKernel.ChargeProbes(processor, visited);
                return _cursor;
            }
        }

        GuestKernel.ChargeProbes(processor, visited);
        return NoSlot;
    }

    /// <summary>flush_all_zero_pkmaps.</summary>
    private void Reap(Processor processor)
    {
        bool any = false;
        for (int slot = 0; slot < Slots; slot++)
        {
            if (_counts[slot] != 1)
            {
                continue;
            }

            _counts[slot] = 0;
            _kernel.ClearEntry(processor, Address(slot));
            _hash.Remove(processor, slot);
            any = true;
        }

        GuestKernel.ChargeProbes(processor, Slots);
        if (any)
        {
            _kernel.FlushTlbKernelRange(processor, _kernel.Layout.PkmapBase, _kernel.Layout.PkmapEnd);
        }
    }
}
