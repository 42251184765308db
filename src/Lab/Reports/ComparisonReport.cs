using System.Text.Json;
using System.Text.Json.Serialization;
using X86Pae.Lab.Comparison;
using X86Pae.Lab.Sweeps;
using X86Pae.Timing;

namespace X86Pae.Lab.Reports;

/// <summary>Writes a comparison of strategies as JSON.</summary>
public static class ComparisonReport
{
    /// <summary>Writes the figures as the text of a file.</summary>
    /// <param name="workload">The mappings.</param>
    /// <param name="settings">On what, and how, the strategies were compared.</param>
    /// <param name="results">The figures, in the order to write them.</param>
    /// <param name="sweep">What became of the order over the ranges of the model's estimates; null for nothing.</param>
    public static string ToJson(
        Workload workload,
        ComparisonSettings settings,
        IReadOnlyList<StrategyResult> results,
        SweepResult? sweep = null)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(results);
        var document = new ComparisonDocument(
            workload.Name,
            workload.Processors,
            workload.Mappings,
            settings.Model.Name,
            settings.Touch.ToString().ToLowerInvariant(),
            settings.Caches.ToString().ToLowerInvariant(),
            settings.Shootdown is { SiblingThreads: true },
            [.. results.Select(Describe)],
            sweep is null ? null : SweepDocument.Of(sweep));
        return JsonSerializer.Serialize(document, ComparisonJsonContext.Default.ComparisonDocument) + "\n";
    }

    private static StrategyDocument Describe(StrategyResult result) => new()
    {
        Strategy = result.Strategy,
        Maps = result.Maps,
        Refused = result.Refused,
        MadeAgain = result.MadeAgain,
        WrongReads = result.WrongReads,
        PteStores = result.Kernel.EntryStores,
        PteExchanges = result.Kernel.EntryExchanges,
        Invlpgs = result.Hardware.Invlpgs,
        FullFlushes = result.Kernel.FullFlushes,
        Ipis = result.Hardware.IpisSent,
        Walks = result.Hardware.Walks,
        TableLoadsFromL1 = result.Hardware.TableLoadsFromL1,
        TableLoadsFromOuterCaches = result.Hardware.TableLoadsFromOuterCaches,
        TableLoadsFromMemory = result.Hardware.TableLoadsFromMemory,
        LockAcquisitions = result.Kernel.LockAcquisitions,
        LockContentions = result.Kernel.LockContentions,
        CyclesPerMap = result.CyclesPerMap,
        Cycles = Enum.GetValues<CycleAccount>().ToDictionary(
            account => JsonNamingPolicy.CamelCase.ConvertName(account.ToString()), account => result.Accounts[account]),
    };
}

/// <summary>The figures of a comparison as they are written to a file.</summary>
/// <param name="Workload">Name of the recording.</param>
/// <param name="Processors">Number of CPUs.</param>
/// <param name="Mappings">Mappings to serve.</param>
/// <param name="Cpu">CPU model.</param>
/// <param name="Touch">What was read through each mapping.</param>
/// <param name="Caches">What the data caches held before each mapping.</param>
/// <param name="SiblingThreads">Whether CPUs were threads of cores.</param>
/// <param name="Strategies">The strategies, the cheapest first.</param>
/// <param name="Sweep">What becomes of their order over the ranges of the model's estimates; absent if that was not asked.</param>
internal sealed record ComparisonDocument(
    string Workload,
    int Processors,
    int Mappings,
    string Cpu,
    string Touch,
    string Caches,
    bool SiblingThreads,
    IReadOnlyList<StrategyDocument> Strategies,
    SweepDocument? Sweep);

/// <summary>The figures of one strategy.</summary>
internal sealed record StrategyDocument
{
    public required string Strategy { get; init; }

    public required long Maps { get; init; }

    public required long Refused { get; init; }

    public required long MadeAgain { get; init; }

    public required long WrongReads { get; init; }

    public required long PteStores { get; init; }

    public required long PteExchanges { get; init; }

    public required long Invlpgs { get; init; }

    public required long FullFlushes { get; init; }

    public required long Ipis { get; init; }

    public required long Walks { get; init; }

    public required long TableLoadsFromL1 { get; init; }

    public required long TableLoadsFromOuterCaches { get; init; }

    public required long TableLoadsFromMemory { get; init; }

    public required long LockAcquisitions { get; init; }

    public required long LockContentions { get; init; }

    public required double CyclesPerMap { get; init; }

    /// <summary>Cycles on all CPUs, by what they were spent on.</summary>
    public required IReadOnlyDictionary<string, long> Cycles { get; init; }
}

/// <summary>A sweep as it is written to a file.</summary>
/// <param name="EveryCorner">Whether the verdicts are about every corner of the ranges that change something.</param>
/// <param name="Verdict">What becomes of the order as a whole.</param>
/// <param name="Runs">Simulations run.</param>
/// <param name="Swept">Parameters that were swept.</param>
/// <param name="WithoutEffect">Parameters with a range that change nothing.</param>
/// <param name="LeftNominal">Parameters that change something and were not swept.</param>
/// <param name="CyclesPerMap">Each strategy's cycles over the corners, the cheapest first.</param>
/// <param name="Orders">Each strategy against the next one.</param>
internal sealed record SweepDocument(
    bool EveryCorner,
    OrderVerdict Verdict,
    long Runs,
    IReadOnlyList<ParameterRange> Swept,
    IReadOnlyList<ParameterRange> WithoutEffect,
    IReadOnlyList<ParameterRange> LeftNominal,
    IReadOnlyList<SweptCost> CyclesPerMap,
    IReadOnlyList<SweptOrder> Orders)
{
    /// <summary>Takes a sweep's results.</summary>
    /// <param name="sweep">The sweep.</param>
    public static SweepDocument Of(SweepResult sweep) => new(
        sweep.IsEveryCorner,
        sweep.Verdict,
        sweep.Runs,
        sweep.Swept,
        sweep.WithoutEffect,
        sweep.LeftNominal,
        sweep.Costs,
        sweep.Orders);
}

/// <summary>Serialisation code for the figures, generated when the tool is built.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(VerdictNameConverter)])]
[JsonSerializable(typeof(ComparisonDocument))]
internal sealed partial class ComparisonJsonContext : JsonSerializerContext;

/// <summary>Writes a verdict by its name.</summary>
internal sealed class VerdictNameConverter() : JsonStringEnumConverter<OrderVerdict>(JsonNamingPolicy.CamelCase);
