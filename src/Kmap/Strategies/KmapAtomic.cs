// kmap_atomic, stack-based generation. Linux 2.6.37 to 5.10, arch/x86/mm/highmem_32.c (here 4.13).
//
//   Each CPU has a stack of slots in the fixmap, whichever task runs: preemption and page faults are off while a mapping
//   lives, so only interrupts can push on top, and they pop before they return.
//
//   map       push the CPU's index, check that the entry is empty, write it; no flush: what was empty is in no TLB
//   unmap     clear the entry, INVLPG on this CPU, and only then pop (an interrupt must not get the slot before)

using X86Pae.Kmap.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Strategies;

/// <summary>kmap_atomic: a stack of mappings for each CPU; the holder can neither sleep nor be switched out.</summary>
public readonly struct KmapAtomic : IMappingStrategy
{
    private readonly GuestKernel _kernel;
    private readonly int[] _depth;

    /// <summary>Creates the strategy with all stacks empty.</summary>
    /// <param name="kernel">The kernel.</param>
    public KmapAtomic(GuestKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        _kernel = kernel;
        _depth = new int[kernel.Machine.Processors.Length];
    }

    /// <inheritdoc/>
    public static string Name => "kmap_atomic";

    /// <inheritdoc/>
    public static MappingContract Contract =>
        MappingContract.LastInFirstOut | MappingContract.OneProcessor | MappingContract.NoSleep;

    /// <inheritdoc/>
    public MapOutcome Map(Processor processor, PageFrame frame)
    {
        ArgumentNullException.ThrowIfNull(processor);
        if (_kernel.IsLowMemory(frame))
        {
            return MapOutcome.At(_kernel.DirectAddress(frame));
        }

        ref int depth = ref _depth[processor.Index];
        if (depth >= _kernel.Layout.KmapMaxIndex)
        {
            return MapOutcome.Failed(MapStatus.Bug);
        }

        uint address = _kernel.Layout.KmapLocalAddress(processor.Index, depth);
        if (_kernel.LoadEntry(processor, address) != 0)
        {
            return MapOutcome.Failed(MapStatus.Bug);
        }

        depth++;
        _kernel.SetEntry(processor, address, frame.PhysicalAddress | GuestKernel.KmapProtection);
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

        ref int depth = ref _depth[processor.Index];
        if (depth == 0)
        {
            return UnmapStatus.Bug;
        }

        uint top = _kernel.Layout.KmapLocalAddress(processor.Index, depth - 1);
        _kernel.ClearEntry(processor, top);
        _kernel.FlushTlbOneKernel(processor, page);
        depth--;
        return page == top ? UnmapStatus.Unmapped : UnmapStatus.OutOfOrder;
    }

    /// <inheritdoc/>
    public void SwitchOut(Processor processor, KernelTask task)
    {
        // Preemption is off while a mapping lives; the caller has given them all up.
    }

    /// <inheritdoc/>
    public void SwitchIn(Processor processor, KernelTask task)
    {
    }
}
