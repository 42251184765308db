using System.Globalization;
using Spectre.Console;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Comparison;
using X86Pae.Timing;

namespace X86Pae.Cli.Runs;

/// <summary>The figures of a comparison as tables of text.</summary>
/// <param name="settings">What was compared, and how.</param>
internal sealed class ComparisonTable(ComparisonSettings settings)
{
    // Wide enough for the table: what is piped into a file must not be wrapped to a guessed terminal.
    private const int TableWidth = 160;

    /// <summary>Writes the figures of each strategy.</summary>
    /// <param name="workload">The mappings.</param>
    /// <param name="results">The figures, in the order to write them.</param>
    /// <param name="output">Where to.</param>
    public void Write(Workload workload, IReadOnlyList<StrategyResult> results, TextWriter output)
    {
        output.WriteLine(
            $"{workload.Name}: {Count(workload.Mappings)} mappings, {workload.Processors} CPUs, {settings.Model.Name}, "
            + $"touch {settings.Touch.ToString().ToLowerInvariant()}{(settings.Caches == CacheState.Cold ? ", caches cold" : string.Empty)}"
            + (settings.Shootdown is { SiblingThreads: true } ? ", two threads on a core" : string.Empty));
        if (workload.MultiPageMappingsLeftOut != 0)
        {
            output.WriteLine(
                $"left out: {Count(workload.MultiPageMappingsLeftOut)} mappings of several consecutive pages (vmap, vm_map_ram)");
        }

        var table = new Table { Border = TableBorder.Ascii2 };
        table.AddColumn("strategy");
        string[] figures =
        [
            "maps", "PTE stores", "CMPXCHG8B", "INVLPG", "full flushes", "IPIs", "cycles/map", "stores", "flush", "shootdown",
            "refill", "lock", "made again",
        ];
        foreach (string figure in figures)
        {
            table.AddColumn(new TableColumn(figure).RightAligned());
        }

        foreach (StrategyResult result in results)
        {
            CycleAccounts accounts = result.Accounts;
            table.AddRow(
                result.Strategy,
                Count(result.Maps),
                Count(result.Kernel.EntryStores),
                Count(result.Kernel.EntryExchanges),
                Count(result.Hardware.Invlpgs),
                Count(result.Kernel.FullFlushes),
                Count(result.Hardware.IpisSent),
                PerMap(result.CyclesPerMap),
                PerMap(accounts[CycleAccount.EntryStore], result),
                PerMap(accounts[CycleAccount.Flush], result),
                PerMap(accounts[CycleAccount.Shootdown], result),
                PerMap(accounts[CycleAccount.Refill], result),
                PerMap(accounts[CycleAccount.Lock], result),
                Count(result.MadeAgain));
        }

        IAnsiConsole ansi = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        ansi.Profile.Width = TableWidth;
        ansi.Write(table);
        output.WriteLine(
            "cycles/map: all CPUs' cycles for one map and unmap, without the reads themselves; the columns after it are its parts.");
        WriteRefills(results, output);
        foreach (StrategyResult result in results.Where(result => result.Refused != 0 || result.WrongReads != 0))
        {
            output.WriteLine(
                $"{result.Strategy}: {Count(result.Refused)} mappings refused, {Count(result.WrongReads)} reads answered by a wrong page");
        }
    }

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string PerMap(double cycles) => cycles.ToString("N1", CultureInfo.InvariantCulture);

    private static string PerMap(long cycles, StrategyResult result) => PerMap(cycles / (double)Math.Max(1, result.Maps));

    private static void WriteRefills(IReadOnlyList<StrategyResult> results, TextWriter output)
    {
        output.WriteLine();
        var table = new TextTable("refills", ">walks", ">entries from L1", ">from L2 or L3", ">from memory");
        foreach (StrategyResult result in results)
        {
            EventCounts events = result.Hardware;
            table.Add(
                result.Strategy,
                Count(events.Walks),
                Count(events.TableLoadsFromL1),
                Count(events.TableLoadsFromOuterCaches),
                Count(events.TableLoadsFromMemory));
        }

        table.Write(output);
    }
}
