using System.Diagnostics;
using System.Globalization;
using X86Pae.Cli.Input;
using X86Pae.Cli.Reporting;
using X86Pae.Kmap.Traces;
using X86Pae.Lab.AddressTraces;
using X86Pae.Lab.Reports;
using X86Pae.Timing;

namespace X86Pae.Cli.Runs;

/// <summary>Replays an address trace and writes what it came to.</summary>
/// <param name="console">Where the table is written.</param>
/// <param name="model">The processors.</param>
/// <param name="repeats">How often to replay, at least once; the time of the fastest counts.</param>
internal sealed class MemtraceRun(CommandConsole console, CpuModel model, int repeats)
{
    /// <summary>Runs the replay.</summary>
    /// <param name="path">The trace.</param>
    /// <param name="jsonPath">Where to write the counts as JSON; null for nowhere.</param>
    /// <param name="withHostTime">Whether the JSON file has the host's time too.</param>
    /// <returns>The exit status.</returns>
    public int Run(string path, string? jsonPath, bool withHostTime)
    {
        console.Progress.Report($"reading {path}");
        AddressTrace trace = Read(path);
        console.Progress.Report($"replaying {trace.Records.Length} records");
        IReadOnlyDictionary<int, TracedCounts> counts = Replay(path, trace, out double recordsPerSecond);
        console.Progress.Clear();
        OutputFiles.Write((
            jsonPath,
            () => AddressTraceReport.ToJson(
                Path.GetFileName(path), model, trace.Records.Length, counts, withHostTime ? recordsPerSecond : null)));
        console.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{path}: {trace.Records.Length:N0} records, {counts.Count} CPUs, {model.Name}"));
        WriteTable(counts);
        console.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"host: {recordsPerSecond / 1e6:N1} million records a second{(repeats > 1 ? $", the fastest of {repeats}" : string.Empty)}"));
        return ExitStatus.Success;
    }

    private static AddressTrace Read(string path)
    {
        try
        {
            using FileStream stored = File.OpenRead(path);
            using Stream content = RecordedData.Open(stored);
            return AddressTrace.Read(content);
        }
        catch (Exception e) when (InputFile.IsReadError(e))
        {
            throw InputFile.Describe(path, e);
        }
    }

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private IReadOnlyDictionary<int, TracedCounts> Replay(string path, AddressTrace trace, out double recordsPerSecond)
    {
        TimeSpan fastest = TimeSpan.MaxValue;
        AddressTraceReplay? replay = null;
        try
        {
            for (int i = 0; i < repeats; i++)
            {
                replay = new AddressTraceReplay(trace, model);
                long start = Stopwatch.GetTimestamp();
                replay.Run();
                TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
                fastest = elapsed < fastest ? elapsed : fastest;
            }
        }
        catch (InvalidDataException e)
        {
            throw new UserErrorException($"{path}: {e.Message}", e);
        }

        recordsPerSecond = trace.Records.Length / fastest.TotalSeconds;
        return replay!.Collect();
    }

    private void WriteTable(IReadOnlyDictionary<int, TracedCounts> counts)
    {
        TracedCounts[] columns = [.. counts.Values, TracedCounts.Sum(counts.Values)];
        var table = new TextTable(["counted", .. counts.Keys.Select(cpu => $">CPU {cpu}"), ">all"]);
        foreach ((string name, Func<TracedCounts, string> value) in Rows())
        {
            table.Add([name, .. columns.Select(value)]);
        }

        table.Write(console.Output);
    }

    private IEnumerable<(string Name, Func<TracedCounts, string> Value)> Rows()
    {
        yield return ("fetches", counts => Count(counts.Fetches));
        yield return ("loads", counts => Count(counts.Loads));
        yield return ("stores", counts => Count(counts.Stores));
        yield return ("pages mapped", counts => Count(counts.PagesMapped));
        yield return ("frames changed", counts => Count(counts.FramesChanged));
        if (model.LoadLevelMiss is not null)
        {
            yield return ("load-level hits", counts => Count(counts.Loads - counts.Events.LoadLevelMisses));
        }

        yield return ("first-level hits", counts => Count(counts.FirstLevelHits(model)));
        if (model.SecondLevelHit is not null)
        {
            yield return ("second-level hits", counts => Count(counts.Events.SecondLevelHits));
        }

        yield return ("misses, walks", counts => Count(counts.Events.Walks));
        yield return ("  from the PDE cache", counts => Count(counts.WalksFromPdeCache));
        yield return ("  from the directory", counts => Count(counts.Events.Walks - counts.WalksFromPdeCache));
        yield return ("table reads", counts => Count(counts.Events.TableLoads));
        yield return ("  from L1", counts => Count(counts.Events.TableLoadsFromL1));
        yield return ("  from L2", counts => Count(counts.Events.TableLoadsFromL2));
        if (model.L3 is not null)
        {
            yield return ("  from L3", counts => Count(counts.Events.TableLoadsFromL3));
        }

        yield return ("  from memory", counts => Count(counts.Events.TableLoadsFromMemory));
        yield return ("INVLPG", counts => Count(counts.Events.Invlpgs));
        yield return ("MOV CR3", counts => Count(counts.Events.Cr3Writes));
        yield return ("MOV CR4", counts => Count(counts.Events.Cr4Writes));
        yield return ("cycles", counts => Count(counts.Cycles));
        yield return ("  data", counts => Count(counts.DataCycles));
        yield return ("  TLB levels and walks", counts => Count(counts.RefillCycles));
        yield return ("  flushes", counts => Count(counts.FlushCycles));
        yield return ("cycles for each access", counts => counts.CyclesPerAccess.ToString("N3", CultureInfo.InvariantCulture));
    }
}
