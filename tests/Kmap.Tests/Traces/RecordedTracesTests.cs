using X86Pae.Kmap.Traces;

namespace X86Pae.Kmap.Tests.Traces;

// Numbers counted in the text itself, by the names of the events.
public sealed class RecordedTracesTests
{
    [Fact]
    public void Forkio_Counts_AreThoseOfTheText()
    {
        Dictionary<TraceEventKind, int> counts = Count("forkio-4cpu.ftrace.gz", cpus: 4, events: 122_776);

        Assert.Equal(
            new Dictionary<TraceEventKind, int>
            {
                [TraceEventKind.KmapLocalMap] = 29_906,
                [TraceEventKind.KmapLocalMapped] = 29_906,
                [TraceEventKind.KmapLocalUnmap] = 31_139,
                [TraceEventKind.FlushTlbOneKernel] = 29_906,
                [TraceEventKind.FlushTlbFunc] = 938,
                [TraceEventKind.SchedSwitch] = 981,
            },
            counts);
    }

    [Fact]
    public void Fs_Counts_AreThoseOfTheText()
    {
        Dictionary<TraceEventKind, int> counts = Count("fs-4cpu-preempt.ftrace.gz", cpus: 4, events: 70_892);

        Assert.Equal(
            new Dictionary<TraceEventKind, int>
            {
                [TraceEventKind.KmapLocalMap] = 12_702,
                [TraceEventKind.KmapLocalMapped] = 12_702,
                [TraceEventKind.KmapLocalUnmap] = 24_760,
                [TraceEventKind.KmapLocalSchedOut] = 4,
                [TraceEventKind.KmapLocalSchedIn] = 4,
                [TraceEventKind.Kmap] = 1_017,
                [TraceEventKind.Kmapped] = 1_017,
                [TraceEventKind.Kunmap] = 1_017,
                [TraceEventKind.VmMapRam] = 429,
                [TraceEventKind.VmMappedRam] = 429,
                [TraceEventKind.VmUnmapRam] = 429,
                [TraceEventKind.Vmap] = 4,
                [TraceEventKind.Vmapped] = 4,
                [TraceEventKind.FlushTlbOneKernel] = 12_707,
                [TraceEventKind.FlushTlbFunc] = 502,
                [TraceEventKind.SchedSwitch] = 3_165,
            },
            counts);
    }

    private static Dictionary<TraceEventKind, int> Count(string file, int cpus, long events)
    {
        using FtraceReader reader = FtraceReader.Open(TestData.PathOf("kmap", file));
        var counts = new Dictionary<TraceEventKind, int>();
        while (reader.TryRead(out TraceEvent e))
        {
            counts[e.Kind] = counts.GetValueOrDefault(e.Kind) + 1;
        }

        Assert.Equal((cpus, events), (reader.CpuCount, reader.EventCount));
        return counts;
    }
}
