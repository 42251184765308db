using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace X86Pae.Bench.Simulation;

/// <summary>One simulated quantity for each operation: exact, and the same on every host.</summary>
internal sealed class SimulatedColumn : IColumn
{
    private readonly Func<SimulatedTotals, long> _select;

    private SimulatedColumn(string name, string legend, Func<SimulatedTotals, long> select)
    {
        ColumnName = name;
        Legend = legend;
        _select = select;
    }

    /// <summary>All of them, in the order in which they are shown.</summary>
    public static IColumn[] All { get; } =
    [
        new SimulatedColumn("Cycles", "Simulated Core Duo cycles of one operation, all CPUs together", totals => totals.Cycles),
        new SimulatedColumn("PTE stores", "Stores and locked exchanges to page-table entries", totals => totals.EntryStores),
        new SimulatedColumn("INVLPGs", "INVLPG executed, all CPUs together", totals => totals.Invlpgs),
        new SimulatedColumn("IPIs", "Interprocessor interrupts sent, one for each target", totals => totals.Ipis),
    ];

    public string Id => $"{nameof(SimulatedColumn)}.{ColumnName}";

    public string ColumnName { get; }

    public string Legend { get; }

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => Array.IndexOf(All, this);

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(benchmark => SimulatedCost.Of(benchmark) is not null);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        SimulatedCost.Of(benchmarkCase) is { } cost
            ? ((double)_select(cost.Totals) / cost.Operations).ToString("G6", CultureInfo.InvariantCulture)
            : "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
}
