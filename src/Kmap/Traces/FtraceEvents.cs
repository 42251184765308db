// Events and their fields, as the probes of the recordings name them.
//
//   kmap_local_map                pfn           vm_map_ram, vmap          pages count
//   kmap_local_mapped, _unmap     va            vm_mapped_ram, vmapped    va
//   kmap_local_sched_out, _in     -             vm_unmap_ram              va count
//   kmap, kunmap                  page          vunmap                    va
//   kmapped                       va            flush_tlb_one_kernel      va
//   do_flush_tlb_all              -             flush_tlb_kernel_range    start end
//   flush_tlb_func                -             sched_switch              prev_pid next_pid

using System.Text;

namespace X86Pae.Kmap.Traces;

/// <summary>Names of the events and what each of them carries.</summary>
internal static class FtraceEvents
{
    // At the index that is the value of the kind; the kind after the last one is Other.
    private static readonly byte[][] Names =
    [
        "kmap_local_map"u8.ToArray(),
        "kmap_local_mapped"u8.ToArray(),
        "kmap_local_unmap"u8.ToArray(),
        "kmap_local_sched_out"u8.ToArray(),
        "kmap_local_sched_in"u8.ToArray(),
        "kmap"u8.ToArray(),
        "kmapped"u8.ToArray(),
        "kunmap"u8.ToArray(),
        "vm_map_ram"u8.ToArray(),
        "vm_mapped_ram"u8.ToArray(),
        "vm_unmap_ram"u8.ToArray(),
        "vmap"u8.ToArray(),
        "vmapped"u8.ToArray(),
        "vunmap"u8.ToArray(),
        "flush_tlb_one_kernel"u8.ToArray(),
        "flush_tlb_kernel_range"u8.ToArray(),
        "do_flush_tlb_all"u8.ToArray(),
        "flush_tlb_func"u8.ToArray(),
        "sched_switch"u8.ToArray(),
    ];

    /// <summary>Tells the kind of an event by its name.</summary>
    /// <param name="name">The whole name.</param>
    /// <returns>The kind, <see cref="TraceEventKind.Other"/> for any name that is not in the table above.</returns>
    public static TraceEventKind KindOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            if (name.SequenceEqual(Names[i]))
            {
                return (TraceEventKind)i;
            }
        }

        return TraceEventKind.Other;
    }

    /// <summary>Reads the fields that an event of a kind carries.</summary>
    /// <param name="kind">The kind, which decides what is looked for.</param>
    /// <param name="arguments">What follows the name of the event.</param>
    /// <param name="first">The first field of the table above, or 0.</param>
    /// <param name="second">The second field of the table above, or 0.</param>
    /// <returns><see langword="null"/>, or what is wrong with which field.</returns>
    public static string? ReadPayload(TraceEventKind kind, ReadOnlySpan<byte> arguments, out uint first, out uint second)
    {
        first = 0;
        second = 0;
        switch (kind)
        {
            case TraceEventKind.KmapLocalMap:
                return Read(arguments, "pfn"u8, out first);

            case TraceEventKind.Kmap:
            case TraceEventKind.Kunmap:
                return Read(arguments, "page"u8, out first);

            case TraceEventKind.KmapLocalMapped:
            case TraceEventKind.KmapLocalUnmap:
            case TraceEventKind.Kmapped:
            case TraceEventKind.VmMappedRam:
            case TraceEventKind.Vmapped:
            case TraceEventKind.Vunmap:
            case TraceEventKind.FlushTlbOneKernel:
                return Read(arguments, "va"u8, out first);

            case TraceEventKind.VmMapRam:
            case TraceEventKind.Vmap:
                return Read(arguments, "pages"u8, out first) ?? Read(arguments, "count"u8, out second);

            case TraceEventKind.VmUnmapRam:
                return Read(arguments, "va"u8, out first) ?? Read(arguments, "count"u8, out second);

            case TraceEventKind.FlushTlbKernelRange:
                return Read(arguments, "start"u8, out first) ?? Read(arguments, "end"u8, out second);

            case TraceEventKind.SchedSwitch:
                ReadOnlySpan<byte> previous = FtraceFields.SplitAtArrow(arguments, out ReadOnlySpan<byte> next);
                return ReadPid(previous, "prev_pid"u8, out first) ?? ReadPid(next, "next_pid"u8, out second);

            default:
                return null;
        }
    }

    private static string? Read(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> name, out uint value) =>
        Qualify(name, FtraceFields.Read(arguments, name, out value));

    private static string? ReadPid(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> name, out uint value) =>
        Read(arguments, name, out value) ?? Qualify(name, value > int.MaxValue ? "is not the number of a thread" : null);

    private static string? Qualify(ReadOnlySpan<byte> name, string? problem) =>
        problem is null ? null : $"the field {Encoding.ASCII.GetString(name)} {problem}";
}
