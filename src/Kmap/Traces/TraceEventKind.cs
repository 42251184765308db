namespace X86Pae.Kmap.Traces;

/// <summary>What one line of a recording reports.</summary>
/// <remarks>
/// A kind in the past tense is the return of the call before it by the same task. Names in the text are those of
/// <see cref="FtraceReader"/>; functions are those of Linux 6.1, mm/highmem.c, mm/vmalloc.c and arch/x86/mm/tlb.c.
/// </remarks>
public enum TraceEventKind : byte
{
    /// <summary><c>kmap_local_map</c>: a task asks for a local mapping of <see cref="TraceEvent.Pfn"/>.</summary>
    KmapLocalMap,

    /// <summary><c>kmap_local_mapped</c>: the local mapping is at <see cref="TraceEvent.Address"/>.</summary>
    KmapLocalMapped,

    /// <summary>
    /// <c>kmap_local_unmap</c>: the local mapping that covers <see cref="TraceEvent.Address"/> ends. The address has any
    /// alignment, and one in low memory is an unmap of nothing.
    /// </summary>
    KmapLocalUnmap,

    /// <summary><c>kmap_local_sched_out</c>: a task with live local mappings leaves its CPU. No payload.</summary>
    KmapLocalSchedOut,

    /// <summary><c>kmap_local_sched_in</c>: a task with live local mappings gets a CPU. No payload.</summary>
    KmapLocalSchedIn,

    /// <summary><c>kmap</c>: a task asks for a persistent mapping of <see cref="TraceEvent.StructPage"/>.</summary>
    Kmap,

    /// <summary><c>kmapped</c>: the persistent mapping is at <see cref="TraceEvent.Address"/>.</summary>
    Kmapped,

    /// <summary><c>kunmap</c>: a reference to the persistent mapping of <see cref="TraceEvent.StructPage"/> is dropped.</summary>
    Kunmap,

    /// <summary><c>vm_map_ram</c>: a short-lived mapping of <see cref="TraceEvent.Count"/> pages is asked for.</summary>
    VmMapRam,

    /// <summary><c>vm_mapped_ram</c>: it starts at <see cref="TraceEvent.Address"/>.</summary>
    VmMappedRam,

    /// <summary>
    /// <c>vm_unmap_ram</c>: the mapping of <see cref="TraceEvent.Count"/> pages at <see cref="TraceEvent.Address"/> ends.
    /// </summary>
    VmUnmapRam,

    /// <summary><c>vmap</c>: a long-lived mapping of <see cref="TraceEvent.Count"/> pages is asked for.</summary>
    Vmap,

    /// <summary><c>vmapped</c>: it starts at <see cref="TraceEvent.Address"/>.</summary>
    Vmapped,

    /// <summary><c>vunmap</c>: the mapping at <see cref="TraceEvent.Address"/> ends.</summary>
    Vunmap,

    /// <summary><c>flush_tlb_one_kernel</c>: this CPU drops <see cref="TraceEvent.Address"/> from its TLB.</summary>
    FlushTlbOneKernel,

    /// <summary>
    /// <c>flush_tlb_kernel_range</c>: all CPUs are to drop <see cref="TraceEvent.RangeStart"/> to
    /// <see cref="TraceEvent.RangeEnd"/>.
    /// </summary>
    FlushTlbKernelRange,

    /// <summary><c>do_flush_tlb_all</c>: this CPU flushes its whole TLB, global entries included. No payload.</summary>
    DoFlushTlbAll,

    /// <summary>
    /// <c>flush_tlb_func</c>: this CPU flushes user mappings, for itself or because another one asked. No payload.
    /// </summary>
    FlushTlbFunc,

    /// <summary>
    /// <c>sched_switch</c>: this CPU goes from <see cref="TraceEvent.PrevPid"/> to <see cref="TraceEvent.NextPid"/>.
    /// </summary>
    SchedSwitch,

    /// <summary>A well-formed line of any other event. No payload.</summary>
    Other,
}
