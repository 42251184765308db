using System.Globalization;
using X86Pae.Cli.Input;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Comparison;
using X86Pae.Lab.Reports;
using X86Pae.Lab.Sweeps;

namespace X86Pae.Cli.Runs;

/// <summary>Compares the strategies on one recording and writes the tables.</summary>
/// <param name="console">Where the tables are written.</param>
/// <param name="settings">On what, and how, they are compared.</param>
internal sealed class CompareRun(CommandConsole console, ComparisonSettings settings)
{
    /// <summary>Runs the comparison.</summary>
    /// <param name="path">The recording; null for the built-in one.</param>
    /// <param name="jsonPath">Where to write the figures as JSON; null for nowhere.</param>
    /// <param name="sweep">Whether to check the order at the corners of the model's ranges.</param>
    /// <returns>The exit status: failed if a read through a mapping was answered by another page.</returns>
    public int Run(string? path, string? jsonPath, bool sweep)
    {
        string name = path ?? RecordingFile.BuiltIn;
        console.Progress.Report($"reading {name}");
        Workload workload = RecordingFile.Read(path, trace => Workload.FromTrace(trace, name));
        if (workload.Mappings == 0)
        {
            throw new UserErrorException($"{name}: the recording has no kmap_local or kmap mapping to compare");
        }

        IReadOnlyList<ComparedStrategy> strategies = ComparedStrategy.BuiltIn;
        console.Progress.Report($"serving {workload.Mappings} mappings by {strategies.Count} strategies");
        IReadOnlyList<StrategyResult> results = StrategyComparison.Run(strategies, workload, settings);
        SweepResult? swept = sweep
            ? Sweep.Run(strategies, workload, settings, progress: new SweepProgress(console.Progress))
            : null;
        console.Progress.Clear();
        OutputFiles.Write((jsonPath, () => ComparisonReport.ToJson(workload, settings, results, swept)));
        new ComparisonTable(settings).Write(workload, results, console.Output);
        if (swept is not null)
        {
            SweepReport.Write(swept, settings.Model, console.Output);
        }

        return results.Any(result => result.WrongReads != 0) ? ExitStatus.ChecksFailed : ExitStatus.Success;
    }
}

/// <summary>Shows how many runs of a sweep are done, whichever thread says so.</summary>
/// <param name="line">Where it is shown.</param>
internal sealed class SweepProgress(ProgressLine line) : IProgress<long>
{
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public void Report(long value)
    {
        lock (_lock)
        {
            line.Report(string.Create(CultureInfo.InvariantCulture, $"sweeping the estimated costs: {value:N0} runs"));
        }
    }
}
