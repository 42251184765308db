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
