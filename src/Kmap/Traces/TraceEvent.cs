using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace X86Pae.Kmap.Traces;

/// <summary>One recorded event: where and when it happened, and the values that its kind carries.</summary>
/// <remarks>
/// All values are those of a 32-bit kernel. Which of the payload properties an event has depends on <see cref="Kind"/>; asking
/// for another one throws, so that an absent value is never taken for 0.
/// </remarks>
internal readonly record struct TraceEvent
{
    private readonly uint _first;
    private readonly uint _second;

    internal TraceEvent(
        TraceEventKind kind, long line, int cpu, int pid, long microseconds, TraceContext context, uint first, uint second)
    {
        Kind = kind;
        Line = line;
        Cpu = cpu;
        Pid = pid;
        Microseconds = microseconds;
        Context = context;
        _first = first;
        _second = second;
    }

    /// <summary>What happened.</summary>
    public TraceEventKind Kind { get; }

    /// <summary>Line of the text, from 1; header lines count.</summary>
    public long Line { get; }

    /// <summary>The CPU it happened on, from 0.</summary>
    public int Cpu { get; }

    /// <summary>
    /// Thread that was running, from 0. It is 0 for the idle task of every CPU, so that only CPU and PID together name a task. In
    /// an interrupt it is the thread interrupted; in a <c>sched_switch</c> the one that leaves.
    /// </summary>
    public int Pid { get; }

    /// <summary>Recorded time stamp, in microseconds of the trace clock. It may go backwards from one line to the next.</summary>
    public long Microseconds { get; }

    /// <summary>State of the CPU.</summary>
    public TraceContext Context { get; }

    /// <summary>Number of the 4-KiB page frame to map. Of <see cref="TraceEventKind.KmapLocalMap"/>.</summary>
    /// <exception cref="InvalidOperationException">The event is of another kind.</exception>
    public ulong Pfn => Kind is TraceEventKind.KmapLocalMap ? _first : Absent(Kind);

    /// <summary>
    /// Linear byte address. Of the mapped kinds, where it is the start of the first page; of the unmapping kinds with an address;
    /// and of <see cref="TraceEventKind.FlushTlbOneKernel"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The event is of another kind.</exception>
    public uint Address => Kind is TraceEventKind.KmapLocalMapped or TraceEventKind.KmapLocalUnmap or TraceEventKind.Kmapped
        or TraceEventKind.VmMappedRam or TraceEventKind.VmUnmapRam or TraceEventKind.Vmapped or TraceEventKind.Vunmap
        or TraceEventKind.FlushTlbOneKernel ? _first : Absent(Kind);

    /// <summary>
    /// Address of the kernel's <c>struct page</c>: the identity of a frame, not its number. Of <see cref="TraceEventKind.Kmap"/>
    /// and <see cref="TraceEventKind.Kunmap"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The event is of another kind.</exception>
    public uint StructPage => Kind is TraceEventKind.Kmap or TraceEventKind.Kunmap ? _first : Absent(Kind);

    /// <summary>
    /// Address of the kernel's array of <c>struct page</c> pointers, whose elements are not recorded. Of
    /// <see cref="TraceEventKind.VmMapRam"/> and <see cref="TraceEventKind.Vmap"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The event is of another kind.</exception>
    public uint Pages => Kind is TraceEventKind.VmMapRam or TraceEventKind.Vmap ? _first : Absent(Kind);

    /// <summary>
    /// Number of 4-KiB pages. Of <see cref="TraceEventKind.VmMapRam"/>, <see cref="TraceEventKind.VmUnmapRam"/> and
    /// <see cref="TraceEventKind.Vmap"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The event is of another kind.</exception>
    public uint Count =>
        Kind is TraceEventKind.VmMapRam or TraceEventKind.VmUnmapRam or TraceEventKind.Vmap ? _second : Absent(Kind);

    /// <summary>First linear byte address of the range. Of <see cref="TraceEventKind.FlushTlbKernelRange"/>.</summary>
    /// <exception cref="InvalidOperationException">The event is of another kind.</exception>
    public uint RangeStart => Kind is TraceEventKind.FlushTlbKernelRange ? _first : Absent(Kind);

    /// <summary>
    /// End of the range, exclusive; FFFF_FFFFh is the kernel's <c>TLB_FLUSH_ALL</c>. Of
    /// <see cref="TraceEventKind.FlushTlbKernelRange"/>. That it is not below the start is not checked.
    /// </summary>
    /// <exception cref="InvalidOperationException">The event is of another kind.</exception>
    public uint RangeEnd => Kind is TraceEventKind.FlushTlbKernelRange ? _second : Absent(Kind);

    /// <summary>Thread that leaves the CPU, 0 for the idle task. Of <see cref="TraceEventKind.SchedSwitch"/>.</summary>
    /// <exception cref="InvalidOperationException">The event is of another kind.</exception>
    public int PrevPid => (int)(Kind is TraceEventKind.SchedSwitch ? _first : Absent(Kind));

    /// <summary>Thread that gets the CPU, 0 for the idle task. Of <see cref="TraceEventKind.SchedSwitch"/>.</summary>
    /// <exception cref="InvalidOperationException">The event is of another kind.</exception>
    public int NextPid => (int)(Kind is TraceEventKind.SchedSwitch ? _second : Absent(Kind));

    /// <summary>Line, kind, CPU, PID, time and raw payload, for messages; the format is not fixed.</summary>
    /// <returns>One line of text.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"line {Line}: {Kind} cpu {Cpu} pid {Pid} at {Microseconds} us (0x{_first:x}, 0x{_second:x})");

    [DoesNotReturn]
    private static uint Absent(TraceEventKind kind) =>
        throw new InvalidOperationException($"An event of kind {kind} does not carry this value.");
}

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
