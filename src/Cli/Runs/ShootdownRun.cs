using System.Diagnostics;
using System.Globalization;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Reports;
using X86Pae.Lab.Shootdowns;

namespace X86Pae.Cli.Runs;

/// <summary>Runs the experiment on machines of several sizes and writes what came of it.</summary>
/// <param name="console">Where the table is written.</param>
/// <param name="settings">What is run on each.</param>
internal sealed class ShootdownRun(CommandConsole console, ShootdownSettings settings)
{
    /// <summary>Runs all sizes.</summary>
    /// <param name="processors">Number of CPUs of each machine, ascending.</param>
    /// <param name="jsonPath">Where to write the figures as JSON; null for nowhere.</param>
    /// <param name="chartPath">Where to write the chart; null for nowhere.</param>
    /// <returns>The exit status.</returns>
    public int Run(IEnumerable<int> processors, string? jsonPath, string? chartPath)
    {
        long start = Stopwatch.GetTimestamp();
        List<ShootdownPoint> points = [];
        foreach (int count in processors)
        {
            console.Progress.Report($"{settings.Count} shootdowns on {count} CPUs");
            points.Add(ShootdownPoint.Measure(settings, count));
        }

        console.Progress.Report($"done in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        console.Progress.Clear();
        OutputFiles.Write(
            (jsonPath, () => ShootdownReport.ToJson(settings, points)),
            (chartPath, () => new ShootdownChart(settings.Title, points).ToSvg()));
        Write(points);
        return ExitStatus.Success;
    }

    private static string Cycles(double value) =>
        value.ToString(value == Math.Floor(value) ? "N0" : "N1", CultureInfo.InvariantCulture);

    private void Write(List<ShootdownPoint> points)
    {
        console.Output.WriteLine(settings.Title);
        console.Output.WriteLine(settings.Description);
        console.Output.WriteLine();

        // A part that is nothing on every machine would only widen the table.
        int[] parts = [.. Enumerable.Range(0, ShootdownPart.All.Count).Where(part => points.Exists(point => point.Mean(part) != 0))];
        var table = new TextTable(
            [">targets", ">messages", ">cycles", .. parts.Select(part => ">" + ShootdownPart.All[part].Name), ">on targets"]);
        foreach (ShootdownPoint point in points)
        {
            table.Add(
                [
                    Cycles(point.Targets), Cycles(point.Messages), Cycles(point.Total),
                    .. parts.Select(part => Cycles(point.Mean(part))), Cycles(point.TargetCycles),
                ]);
        }

        table.Write(console.Output);
        console.Output.WriteLine();
        console.Output.WriteLine(
            "cycles: the initiator's, from set-up to the last acknowledgement, along the path of the target that is seen last; the");
        console.Output.WriteLine("columns after it are its parts. on targets: cycles of all targets together, from entry to return.");
    }
}
