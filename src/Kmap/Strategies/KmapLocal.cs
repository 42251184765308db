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
    private readonly PerTask<LocalStack> _stacks;

    /// <summary>Creates the strategy with all stacks empty.</summary>
    /// <param name="kernel">The kernel.</param>
    public KmapLocal(GuestKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        _kernel = kernel;
        _stacks = new PerTask<LocalStack>(() => new LocalStack(kernel.Layout.KmapMaxIndex));
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
        LocalStack stack = _stacks[_kernel.Current(processor)];
        int depth = stack.Depth;
        if (depth + 1 >= _kernel.Layout.KmapMaxIndex)
        {
            return MapOutcome.Failed(MapStatus.Bug);
        }

        uint address = _kernel.Layout.KmapLocalAddress(processor.Index, depth);
        if (_kernel.LoadEntry(processor, address) != 0)
        {
            return MapOutcome.Failed(MapStatus.Bug);
        }

        stack.Depth = depth + 1;
        ulong entry = frame.PhysicalAddress | GuestKernel.KmapProtection;
        _kernel.SetEntry(processor, address, entry);
        stack.Entries[depth] = entry;
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

        LocalStack stack = _stacks[_kernel.Current(processor)];
        int depth = stack.Depth - 1;
        if (depth < 0)
        {
            return UnmapStatus.Bug;
        }

        // The entry cleared is that of the stack's top; the page flushed is the one passed. They differ for a caller that
        // unmaps out of order, and then the top's translation stays usable.
        uint top = _kernel.Layout.KmapLocalAddress(processor.Index, depth);
        _kernel.ClearEntry(processor, top);
        _kernel.FlushTlbOneKernel(processor, page);
        stack.Entries[depth] = 0;
        stack.Depth = depth;
        return page == top ? UnmapStatus.Unmapped : UnmapStatus.OutOfOrder;
    }

    /// <inheritdoc/>
    public void SwitchOut(Processor processor, KernelTask task)
    {
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(task);
        LocalStack stack = _stacks[task];
        for (int depth = 0; depth < stack.Depth; depth++)
        {
            uint address = _kernel.Layout.KmapLocalAddress(processor.Index, depth);
            _kernel.ClearEntry(processor, address);
            _kernel.FlushTlbOneKernel(processor, address);
        }
    }

    /// <inheritdoc/>
    public void SwitchIn(Processor processor, KernelTask task)
    {
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(task);
        LocalStack stack = _stacks[task];
        for (int depth = 0; depth < stack.Depth; depth++)
        {
            _kernel.SetEntry(processor, _kernel.Layout.KmapLocalAddress(processor.Index, depth), stack.Entries[depth]);
        }
    }

    /// <summary>Number of live mappings of a task (kmap_ctrl.idx).</summary>
    /// <param name="task">The task.</param>
    public int DepthOf(KernelTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return _stacks[task].Depth;
    }

    /// <summary>The live mappings of one task (struct kmap_ctrl).</summary>
    private sealed class LocalStack(int slots)
    {
        /// <summary>How many there are.</summary>
        public int Depth { get; set; }

        /// <summary>Their page-table entries, by depth (pteval).</summary>
        public ulong[] Entries { get; } = new ulong[slots];
    }
}
