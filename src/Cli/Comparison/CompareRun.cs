using System.Globalization;
using Spectre.Console;
using X86Pae.Cli.Commands;
using X86Pae.Cli.Input;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Comparison;
using X86Pae.Lab.Sweeps;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Cli.Comparison;

/// <summary>Compares the strategies on one recording and writes the table.</summary>
/// <param name="console">Where the table is written.</param>
/// <param name="model">The processors.</param>
/// <param name="touch">What is read through each mapping.</param>
/// <param name="caches">What the data caches hold before each mapping.</param>
/// <param name="siblings">Whether CPUs are threads of cores.</param>
internal sealed class CompareRun(CommandConsole console, CpuModel model, Touch touch, CacheState caches, bool siblings)
{
    // Wide enough for the table: what is piped into a file must not be wrapped to a guessed terminal.
    private const int TableWidth = 160;

    /// <summary>Runs the comparison.</summary>
    /// <param name="path">The recording; null for the built-in one.</param>
    /// <param name="jsonPath">Where to write the figures as JSON; null for nowhere.</param>
    /// <param name="sweep">Whether to check the order at the corners of the model's ranges.</param>
    /// <returns>The exit status: failed if a read through a mapping was answered by another page.</returns>
    public int Run(string? path, string? jsonPath, bool sweep)
    {
        string name = path ?? RecordingArgument.BuiltIn;
        console.Progress.Report($"reading {name}");
        Workload workload = RecordingArgument.Read(path, trace => Workload.FromTrace(trace, name));
        if (workload.Mappings == 0)
        {
            throw new UserErrorException($"{name}: the recording has no kmap_local or kmap mapping to compare");
        }

        IReadOnlyList<ComparedStrategy> strategies = ComparedStrategy.BuiltIn;
        var settings = new ComparisonSettings(model)
        {
            Touch = touch,
            Caches = caches,
            Shootdown = ShootdownOptions.Default with { SiblingThreads = siblings },
        };
        console.Progress.Report($"serving {workload.Mappings} mappings by {strategies.Count} strategies");
        IReadOnlyList<StrategyResult> results = StrategyComparison.Run(strategies, workload, settings);
        SweepResult? swept = sweep
            ? Sweep.Run(strategies, workload, settings, progress: new SweepProgress(console.Progress))
            : null;
        console.Progress.Clear();
        OutputFiles.Write((
            jsonPath, () => ComparisonJson.Of(workload, model, touch, caches, siblings, results, swept)));
        WriteTable(workload, results);
        if (swept is not null)
        {
            SweepReport.Write(swept, model, console.Output);
        }

        return results.Any(result => result.WrongReads != 0) ? ExitStatus.ChecksFailed : ExitStatus.Success;
    }

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string PerMap(double cycles) => cycles.ToString("N1", CultureInfo.InvariantCulture);

    private static string PerMap(long cycles, StrategyResult result) => PerMap(cycles / (double)Math.Max(1, result.Maps));

    private void WriteTable(Workload workload, IReadOnlyList<StrategyResult> results)
    {
        console.Output.WriteLine(
            $"{workload.Name}: {Count(workload.Mappings)} mappings, {workload.Processors} CPUs, {model.Name}, "
            + $"touch {touch.ToString().ToLowerInvariant()}{(caches == CacheState.Cold ? ", caches cold" : string.Empty)}"
            + (siblings ? ", two threads on a core" : string.Empty));
        if (workload.MultiPageMappingsLeftOut != 0)
        {
            console.Output.WriteLine(
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
            Out = new AnsiConsoleOutput(console.Output),
        });
        ansi.Profile.Width = TableWidth;
        ansi.Write(table);
        console.Output.WriteLine(
            "cycles/map: all CPUs' cycles for one map and unmap, without the reads themselves; the columns after it are its parts.");
        WriteRefills(results);
        foreach (StrategyResult result in results.Where(result => result.Refused != 0 || result.WrongReads != 0))
        {
            console.Output.WriteLine(
                $"{result.Strategy}: {Count(result.Refused)} mappings refused, {Count(result.WrongReads)} reads answered by a wrong page");
        }
    }

    private void WriteRefills(IReadOnlyList<StrategyResult> results)
    {
        console.Output.WriteLine();
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

        table.Write(console.Output);
    }
}
