using X86Pae.Cli.Input;
using X86Pae.Cli.Reporting;
using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Replay;
using X86Pae.Kmap.Traces;
using X86Pae.Timing;

namespace X86Pae.Cli.Runs;

/// <summary>Replays one recording and reports what happened.</summary>
/// <param name="console">Where the report is written.</param>
/// <param name="model">The processors.</param>
internal sealed class ReplayRun(CommandConsole console, CpuModel model)
{
    private const int OperationsBetweenReports = 4096;

    /// <summary>Replays, and writes counts and, when verifying, each difference.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="verify">Whether differences from the recording are failures.</param>
    /// <returns>The exit status.</returns>
    public int Run(string path, bool verify)
    {
        var report = new CheckReport(console);
        ReplaySummary summary = RecordingFile.Read(path, trace => Replay(trace, path, verify ? report : null));
        WriteEmulated(report, summary);
        if (!verify)
        {
            return ExitStatus.Success;
        }

        report.Note(
            $"verified: {summary.LocalAddresses} kmap_local addresses, {summary.PoolAddresses} kmap addresses, "
            + $"{summary.PoolFlushes} whole-pool flushes with their CPUs");
        return report.Conclude();
    }

    private static void WriteRecorded(CheckReport report, MappingTrace trace)
    {
        report.Note("recorded events");
        foreach (TraceEventKind kind in Enum.GetValues<TraceEventKind>())
        {
            long count = trace.CountOf(kind);
            if (count != 0)
            {
                report.Note($"  {kind,-20} {count,10}");
            }
        }
    }

    private static void WriteEmulated(CheckReport report, ReplaySummary summary)
    {
        KernelCounts kernel = summary.Kernel;
        report.Note("emulated kernel");
        Line("maps", summary.LocalAddresses + summary.PoolAddresses);
        Line("PTE stores", kernel.EntryStores);
        Line("INVLPGs", summary.Invlpgs);
        Line("full flushes", kernel.FullFlushes);
        Line("IPIs", summary.IpisSent);
        Line("switches with maps", summary.SwitchesWithMappings);
        if (summary.UnmapsOfEarlierMaps != 0)
        {
            Line("unmaps of earlier maps", summary.UnmapsOfEarlierMaps);
        }

        void Line(string name, long count) => report.Note($"  {name,-20} {count,10}");
    }

    private ReplaySummary Replay(MappingTrace trace, string path, CheckReport? verification)
    {
        int processors = trace.CpuCount ?? MappingTrace.MaxCpuCount;
        var replay = new TraceReplay(
            GuestKernel.Boot(model, processors),
            failure => verification?.Fail(() => $"{path}:{failure.Line}: {failure.Message}"));
        for (long operations = 0; trace.TryRead(out MappingOperation operation); operations++)
        {
            replay.Step(in operation);
            if (operations % OperationsBetweenReports == 0)
            {
                console.Progress.Report($"{path}: line {operation.Line}");
            }
        }

        ReplaySummary summary = replay.Summarise();
        WriteRecorded(new CheckReport(console), trace);
        verification?.Pass(summary.Passed);
        return summary;
    }
}
