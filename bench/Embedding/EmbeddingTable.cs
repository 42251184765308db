using System.Globalization;
using BenchmarkDotNet.Reports;
using Spectre.Console;

namespace X86Pae.Bench.Embedding;

/// <summary>The promises to those who embed the library, and what a run has measured of them.</summary>
internal static class EmbeddingTable
{
    private const double MillisecondInNanoseconds = 1e6;
    private const double NanosecondsInSecond = 1e9;
    private const double RecordsInSecond = 60e6;
    private const int WidthInColumns = 140;

    private static readonly EmbeddingRow[] Rows =
    [
        Ratio("Read<uint> hit, independent", nameof(EmbeddingHitBenchmarks), "Read", "LookupAndLoad", 1.4),
        Ratio("Read<uint> hit, dependent", nameof(EmbeddingHitBenchmarks), "ReadDependent", "LookupAndLoadDependent", 1.15),
        Ratio("Read<uint> hit of a 2-MiB page, independent", nameof(EmbeddingLargeHitBenchmarks), "Read", "LookupAndLoad", 1.4),
        Ratio("Read<uint> hit of a 2-MiB page, dependent", nameof(EmbeddingLargeHitBenchmarks), "ReadDependent", "LookupAndLoadDependent", 1.15),
        Ratio("Read<uint> hit, both sizes as recorded", nameof(EmbeddingLargeHitBenchmarks), "ReadBothSizes", "LookupAndLoad", 1.4),
        Ratio("walk over a span, independent", nameof(EmbeddingWalkBenchmarks), "WalkSpan", "ThreeLoads", 2.5),
        Ratio("walk over a span, dependent", nameof(EmbeddingWalkBenchmarks), "WalkSpanDependent", "ThreeLoadsDependent", 1.3),
        Ratio("TranslateMany, tables in no cache", nameof(EmbeddingBatchBenchmarks), "TranslateMany", "OneAfterAnother", 0.25),
        Ratio("faulting walk, against one that succeeds", nameof(EmbeddingWalkBenchmarks), "WalkSpanFault", "WalkSpan", 1.5),
        Ratio("timing switched off, TLB hit", nameof(EmbeddingUntimedBenchmarks), "HitSwitchedOff", "HitTakenOut", 1.03),
        Ratio("timing switched off, walk", nameof(EmbeddingUntimedBenchmarks), "MissSwitchedOff", "MissTakenOut", 1.03),
        Ratio("timed, first-level hit", nameof(EmbeddingTimedBenchmarks), "FirstLevelHit", "Lookup", 3.2),
        Ratio("timed, second-level hit", nameof(EmbeddingTimedBenchmarks), "SecondLevelHit", "Lookup", 10),
        Ratio("timed, walk, directory entry cached", nameof(EmbeddingTimedBenchmarks), "WalkFromPdeCache", "Lookup", 20),
        Ratio("timed, first-level hit of a 2-MiB page", nameof(EmbeddingTimedLargeBenchmarks), "FirstLevelHit", "Lookup", 3.2),
        Ratio("timed, first-level hit, both sizes as recorded", nameof(EmbeddingTimedLargeBenchmarks), "FirstLevelHitBothSizes", "Lookup", 3.2),
        Ratio("timed, second-level hit, 2-MiB pages held", nameof(EmbeddingTimedLargeBenchmarks), "SecondLevelHit", "Lookup", 10),
        Ratio("timed, second-level hit, both sizes as recorded", nameof(EmbeddingTimedLargeBenchmarks), "SecondLevelHitBothSizes", "Lookup", 10),
        Ratio("timed, walk, PDE cached, 2-MiB pages held", nameof(EmbeddingTimedLargeBenchmarks), "WalkFromPdeCache", "Lookup", 20),
        Ratio("timed, hit in one set of 64, Pentium 4 (Northwood)", nameof(EmbeddingAssociativeBenchmarks), "Northwood", "Lookup", 3.2),
        Ratio("timed, hit in one set of 64, Pentium 4 (Prescott)", nameof(EmbeddingAssociativeBenchmarks), "Prescott", "Lookup", 3.2),
        Ratio("timed, hit in one set of 32, K8", nameof(EmbeddingAssociativeBenchmarks), "K8", "Lookup", 3.2),
        Ratio("timed, hit in one set of 48, K10", nameof(EmbeddingAssociativeBenchmarks), "K10", "Lookup", 3.2),
        Ratio("timed, hit in one set of 64, Zen", nameof(EmbeddingAssociativeBenchmarks), "Zen", "Lookup", 3.2),
        Time("record of an address trace, Core 2", nameof(EmbeddingTraceBenchmarks), "Replay", NanosecondsInSecond / RecordsInSecond),
        Time("INVLPG", nameof(EmbeddingFlushBenchmarks), "Invlpg", 3),
        Time("full flush", nameof(EmbeddingFlushBenchmarks), "FlushAll", 2),
        Time("non-global flush", nameof(EmbeddingFlushBenchmarks), "FlushNonGlobal", 2),
        Time("shootdown, for each of 1,023 targets", nameof(EmbeddingShootdownBenchmarks), "Broadcast", 5),
        Time("64 GiB opened, 1,000 pages touched", nameof(EmbeddingOpenBenchmarks), "OpenAndTouch", 50 * MillisecondInNanoseconds)
            with { AllocationLimit = 16 << 20 },
    ];

    /// <summary>Prints the rows whose benchmarks were run; nothing if none was.</summary>
    /// <param name="summaries">The run.</param>
    public static void Print(IReadOnlyList<Summary> summaries)
    {
        Dictionary<string, BenchmarkReport> reports = summaries.SelectMany(summary => summary.Reports)
            .Where(report => report.ResultStatistics is not null)
            .GroupBy(report => NameOf(report))
            .ToDictionary(group => group.Key, group => group.First());
        EmbeddingRow[] measured = [.. Rows.Where(row => Has(reports, row))];
        if (measured.Length == 0)
        {
            return;
        }

        var table = new Table().Border(TableBorder.Ascii).AddColumn("path");
        foreach (string column in (string[])["ns", "floor, ns", "measured", "at most", "allocated", "holds"])
        {
            table.AddColumn(column, set => set.RightAligned());
        }

        Dictionary<EmbeddingRow, PairedRounds> ratios = measured.Where(row => row.Floor is not null)
            .GroupBy(row => row.Benchmark.Split('.')[0])
            .SelectMany(rows => rows.Zip(PairedProcess.Measure([.. rows])))
            .ToDictionary(pair => pair.First, pair => pair.Second);
        foreach (EmbeddingRow row in measured)
        {
            BenchmarkReport report = reports[row.Benchmark];
            PairedRounds? paired = ratios.GetValueOrDefault(row);
            double time = paired?.Time ?? report.ResultStatistics!.Median;
            double value = paired?.Ratio ?? time;
            long? allocated = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
            string unit = row.Floor is null ? " ns" : " x";
            table.AddRow(
                row.Path, Number(time), paired is null ? "-" : Number(paired.Floor), Number(value) + unit, Number(row.Limit) + unit,
                $"{allocated:N0} B", value <= row.Limit && allocated <= row.AllocationLimit ? "yes" : "NO");
        }

        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, WidthInColumns); // a file has no width of its own
        AnsiConsole.Write(table);
    }

    private static EmbeddingRow Ratio(string path, string type, string method, string floor, double limit) =>
        new(path, $"{type}.{method}", $"{type}.{floor}", limit);

    private static EmbeddingRow Time(string path, string type, string method, double limit) => new(path, $"{type}.{method}", null, limit);

    private static bool Has(Dictionary<string, BenchmarkReport> reports, EmbeddingRow row) =>
        reports.ContainsKey(row.Benchmark) && (row.Floor is null || reports.ContainsKey(row.Floor));

    private static string NameOf(BenchmarkReport report) =>
        $"{report.BenchmarkCase.Descriptor.Type.Name}.{report.BenchmarkCase.Descriptor.WorkloadMethod.Name}";

    private static string Number(double value) => value.ToString(value < 1000 ? "0.##" : "N0", CultureInfo.InvariantCulture);
}
