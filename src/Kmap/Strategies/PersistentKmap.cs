// kmap and kunmap, the persistent pool. Linux 6.12 mm/highmem.c; unchanged in substance since 2.4.
//
//   pkmap_count[slot]   0       entry empty, address clean in every TLB: may be taken
//                       1       nobody uses it, but the entry is still there and TLBs may hold it
//                       n >= 2  n - 1 users
//
//   map     under kmap_lock: find the page in the hash, or take the next slot with count 0 after the cursor; when the
//           cursor comes round to 0, reap first
//   reap    every slot with count 1: count 0, entry cleared, out of the hash; then, if there was one, one flush of the
//           whole window on all CPUs, with kmap_lock held
//   unmap   count - 1; the entry stays, nothing is flushed
//
//   When 512 slots in a row were in use the task sleeps until a count falls to 1.

using X86Pae.Kmap.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Strategies;

/// <summary>kmap: one pool of 512 slots for all CPUs, with lazy reuse and a global flush each time it has gone round.</summary>
public readonly struct PersistentKmap : IMappingStrategy
{
    private readonly GuestKernel _kernel;
    private readonly PkmapPool _pool;

    /// <summary>Creates an empty pool.</summary>
    /// <param name="kernel">The kernel.</param>
    public PersistentKmap(GuestKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        _kernel = kernel;
        _pool = new PkmapPool(kernel);
    }

    /// <inheritdoc/>
    public static string Name => "kmap";

    /// <inheritdoc/>
    public static MappingContract Contract => MappingContract.None;

    /// <inheritdoc/>
    public MapOutcome Map(Processor processor, PageFrame frame)
    {
        ArgumentNullException.ThrowIfNull(processor);
        return _kernel.IsLowMemory(frame) ? MapOutcome.At(_kernel.DirectAddress(frame)) : _pool.Map(processor, frame);
    }

    /// <inheritdoc/>
    public UnmapStatus Unmap(Processor processor, PageFrame frame, uint address)
    {
        ArgumentNullException.ThrowIfNull(processor);
        return _kernel.IsLowMemory(frame) ? UnmapStatus.Unmapped : _pool.Unmap(processor, frame);
    }

    /// <inheritdoc/>
    public void SwitchOut(Processor processor, KernelTask task)
    {
        // The mappings are global: they stay as they are.
    }

    /// <inheritdoc/>
    public void SwitchIn(Processor processor, KernelTask task)
    {
    }
}

/// <summary>State of the persistent pool.</summary>
internal sealed class PkmapPool
{
    private const int Slots = KernelLayout.PkmapSlots;
    private const int NoSlot = -1;

    private readonly GuestKernel _kernel;
    private readonly KernelSpinLock _lock; // kmap_lock
    private readonly WaitQueueHead _waiters; // pkmap_map_wait
    private readonly PkmapHash _hash;
    private readonly int[] _counts = new int[Slots]; // pkmap_count
    private int _cursor; // last_pkmap_nr

    /// <summary>Creates an empty pool.</summary>
    /// <param name="kernel">The kernel.</param>
    public PkmapPool(GuestKernel kernel)
    {
        _kernel = kernel;
        _lock = new KernelSpinLock(kernel);
        _waiters = new WaitQueueHead(kernel);
        _hash = new PkmapHash(kernel);
    }

    /// <summary>kmap_high.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">A page of high memory.</param>
    public MapOutcome Map(Processor processor, PageFrame frame)
    {
        _lock.Lock(processor);
        int slot = _hash.Find(processor, frame);
        if (slot < 0)
        {
            slot = TakeSlot(processor);
            if (slot == NoSlot)
            {
                // The sleeper rejoins here: it looks the page up again, and scans again from where the cursor is then.
                _waiters.Sleep(processor);
                _lock.Unlock(processor);
                return MapOutcome.Failed(MapStatus.Sleeps);
            }

            _kernel.SetEntry(processor, Address(slot), frame.PhysicalAddress | GuestKernel.KmapProtection);
            _counts[slot] = 1;
            _hash.Add(processor, frame, slot);
        }

        _counts[slot]++;
        _lock.Unlock(processor);
        return MapOutcome.At(Address(slot));
    }

    /// <summary>kunmap_high.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">A page of high memory.</param>
    public UnmapStatus Unmap(Processor processor, PageFrame frame)
    {
        _lock.Lock(processor);
        int slot = _hash.Find(processor, frame);
        bool mapped = slot >= 0 && _counts[slot] >= 2;
        if (mapped && --_counts[slot] == 1)
        {
            _waiters.WakeAll(processor);
        }

        _lock.Unlock(processor);
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
                _kernel.ChargeProbes(processor, visited);
                return _cursor;
            }
        }

        _kernel.ChargeProbes(processor, visited);
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

        _kernel.ChargeProbes(processor, Slots);
        if (any)
        {
            _kernel.FlushTlbKernelRange(processor, _kernel.Layout.PkmapBase, _kernel.Layout.PkmapEnd);
        }
    }
}
