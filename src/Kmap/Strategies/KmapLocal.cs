// kmap_local_page and kunmap_local. Linux 6.12 mm/highmem.c, include/linux/sched.h (struct kmap_ctrl).
//
//   Each CPU has KM_MAX_IDX slots in the fixmap; each task has a stack of live mappings. Slot = depth of the task's stack
//   + KM_MAX_IDX * CPU: two tasks on one CPU use the same addresses at the same depth, which is why a switch takes the
//   outgoing task's entries out and puts the incoming task's back.
//
//   map       push, check that the entry is empty, write it; no flush: what was empty is in no TLB
//   unmap     clear the entry, INVLPG on this CPU, pop
//   switch    out: clear and INVLPG for each live depth; in: write each entry again

using X86Pae.Kmap.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Strategies;

/// <summary>kmap_local: a stack of mappings for each task, valid on one CPU, kept across context switches.</summary>
public readonly struct KmapLocal : IMappingStrategy
{
    private readonly GuestKernel _kernel;

    /// <summary>Creates the strategy; its state is in the kernel's tasks.</summary>
    /// <param name="kernel">The kernel.</param>
    public KmapLocal(GuestKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        _kernel = kernel;
    }

    /// <inheritdoc/>
    public static string Name => "kmap_local";

    /// <inheritdoc/>
    public static MappingContract Contract => MappingContract.LastInFirstOut | MappingContract.OneProcessor;

    /// <inheritdoc/>
    public MapOutcome Map(Processor processor, PageFrame frame)
    {
        ArgumentNullException.ThrowIfNull(processor);
        return _kernel.IsLowMemory(frame) ? MapOutcome.At(_kernel.DirectAddress(frame)) : MapAnyFrame(processor, frame);
    }

    /// <summary>Maps a page that may be low memory all the same, as kmap_local_pfn does (__kmap_local_pfn_prot).</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">The page.</param>
    public MapOutcome MapAnyFrame(Processor processor, PageFrame frame)
    {
        ArgumentNullException.ThrowIfNull(processor);
        KernelTask task = _kernel.Current(processor);
        int depth = task.LocalDepth;
        if (depth + 1 >= _kernel.Layout.KmapMaxIndex)
        {
            return MapOutcome.Failed(MapStatus.Bug);
        }

        uint address = _kernel.Layout.KmapLocalAddress(processor.Index, depth);
        if (_kernel.LoadEntry(processor, address) != 0)
        {
            return MapOutcome.Failed(MapStatus.Bug);
        }

        task.LocalDepth = depth + 1;
        ulong entry = frame.PhysicalAddress | GuestKernel.KmapProtection;
        _kernel.SetEntry(processor, address, entry);
        task.SavedEntries[depth] = entry;
        return MapOutcome.At(address);
    }

    /// <inheritdoc/>
    public UnmapStatus Unmap(Processor processor, PageFrame frame, uint address)
    {
        ArgumentNullException.ThrowIfNull(processor);
        uint page = address & ~(PageFrame.SizeInBytes - 1u);
        if (!_kernel.Layout.IsKmapLocal(page))
        {
            return UnmapStatus.Unmapped; // an address of the direct map: nothing was done for it
        }

        KernelTask task = _kernel.Current(processor);
        int depth = task.LocalDepth - 1;
        if (depth < 0)
        {
            return UnmapStatus.Bug;
        }

        // The entry cleared is that of the stack's top; the page flushed is the one passed. They differ for a caller that
        // unmaps out of order, and then the top's translation stays usable.
        uint top = _kernel.Layout.KmapLocalAddress(processor.Index, depth);
        _kernel.ClearEntry(processor, top);
        GuestKernel.FlushTlbOneKernel(processor, page);
        task.SavedEntries[depth] = 0;
        task.LocalDepth = depth;
        return page == top ? UnmapStatus.Unmapped : UnmapStatus.OutOfOrder;
    }

    /// <inheritdoc/>
    public void SwitchOut(Processor processor, KernelTask task)
    {
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(task);
        for (int depth = 0; depth < task.LocalDepth; depth++)
        {
            uint address = _kernel.Layout.KmapLocalAddress(processor.Index, depth);
            _kernel.ClearEntry(processor, address);
            GuestKernel.FlushTlbOneKernel(processor, address);
        }
    }

    /// <inheritdoc/>
    public void SwitchIn(Processor processor, KernelTask task)
    {
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(task);
        for (int depth = 0; depth < task.LocalDepth; depth++)
        {
            _kernel.SetEntry(processor, _kernel.Layout.KmapLocalAddress(processor.Index, depth), task.SavedEntries[depth]);
        }
    }
}
