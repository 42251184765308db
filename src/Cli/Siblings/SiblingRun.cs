using System.Globalization;
using System.Text.Json;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Experiments;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Cli.Siblings;

/// <summary>Runs the sibling experiment over a range of working sets and writes the table.</summary>
/// <param name="console">Where the table is written.</param>
/// <param name="model">The processor.</param>
internal sealed class SiblingRun(CommandConsole console, CpuModel model)
{
    private const int SmallestSet = 16; // pages
    private const int LargestSet = 2048;

    private static readonly (string Name, AccessKind Kind)[] Accesses = [("load", AccessKind.Read), ("fetch", AccessKind.Fetch)];

    /// <summary>Runs it.</summary>
    /// <param name="jsonPath">Where to write the figures as JSON; null for nowhere.</param>
    /// <returns>The exit status.</returns>
    public int Run(string? jsonPath)
    {
        var chains = new SiblingChains(model);
        List<SiblingRow> rows = [];
        foreach ((string name, AccessKind kind) in Accesses)
        {
            for (int pages = SmallestSet; pages <= LargestSet; pages *= 2)
            {
                console.Progress.Report($"{name}s from {pages} pages");
                rows.Add(new SiblingRow(
                    name,
                    pages,
                    chains.Measure(pages, kind, SiblingState.None),
                    chains.Measure(pages, kind, SiblingState.Idle),
                    chains.Measure(pages, kind, SiblingState.Busy)));
            }
        }

        console.Progress.Clear();
        var document = new SiblingDocument(model.Name, rows);
        OutputFiles.Write((
            jsonPath, () => JsonSerializer.Serialize(document, SiblingJsonContext.Default.SiblingDocument) + "\n"));
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
