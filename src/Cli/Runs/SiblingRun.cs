using System.Globalization;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Experiments;
using X86Pae.Lab.Reports;
using X86Pae.Timing;

namespace X86Pae.Cli.Runs;

/// <summary>Runs the sibling experiment over a range of working sets and writes the table.</summary>
/// <param name="console">Where the table is written.</param>
/// <param name="model">The processor.</param>
internal sealed class SiblingRun(CommandConsole console, CpuModel model)
{
    /// <summary>Runs it.</summary>
    /// <param name="jsonPath">Where to write the figures as JSON; null for nowhere.</param>
    /// <returns>The exit status.</returns>
    public int Run(string? jsonPath)
    {
        List<SiblingRow> rows = [];
        foreach (SiblingRow row in new SiblingChains(model).MeasureAll())
        {
            console.Progress.Report($"{row.Access}s from {row.Pages} pages");
            rows.Add(row);
        }

        console.Progress.Clear();
        OutputFiles.Write((jsonPath, () => SiblingReport.ToJson(model, rows)));
        Write(rows);
        return ExitStatus.Success;
    }

    private static string Text(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    private void Write(List<SiblingRow> rows)
    {
        console.Output.WriteLine($"{model.Name}: one access to each page in random order, by one thread of a core");
        console.Output.WriteLine();
        var table = new TextTable(
            "access", ">pages", ">cycles alone", ">idle", ">busy", ">misses alone", ">idle", ">busy", ">walks alone", ">idle", ">busy");
        foreach (SiblingRow row in rows)
        {
            SiblingResult[] states = [row.Alone, row.Idle, row.Busy];
            table.Add(
                [
                    row.Access,
                    row.Pages.ToString(CultureInfo.InvariantCulture),
                    .. states.Select(state => Text(state.Cycles)),
                    .. states.Select(state => Text(state.TlbMisses)),
                    .. states.Select(state => Text(state.Walks)),
                ]);
        }

        table.Write(console.Output);
        console.Output.WriteLine();
        console.Output.WriteLine("cycles, misses of the nearest TLB, and walks, for each access. alone: SMT is off. idle: the sibling does nothing. busy: it");
        console.Output.WriteLine("does the same on as many pages of its own, access by access.");
    }
}
