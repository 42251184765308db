using System.Text.Json;
using X86Pae.Lab.Comparison;
using X86Pae.Lab.Sweeps;
using X86Pae.Timing;

namespace X86Pae.Cli.Comparison;

/// <summary>A comparison as JSON.</summary>
internal static class ComparisonJson
{
    /// <summary>The figures as the text of a file.</summary>
    /// <param name="workload">The mappings.</param>
    /// <param name="model">The processors.</param>
    /// <param name="touch">What was read through each mapping.</param>
    /// <param name="caches">What the data caches held before each mapping.</param>
    /// <param name="siblings">Whether CPUs were threads of cores.</param>
    /// <param name="results">The figures, in the order to write them.</param>
    /// <param name="sweep">What became of the order over the ranges of the model's estimates; null for nothing.</param>
    public static string Of(
        Workload workload,
        CpuModel model,
        Touch touch,
        CacheState caches,
        bool siblings,
        IReadOnlyList<StrategyResult> results,
        SweepResult? sweep)
    {
        var document = new ComparisonDocument(
            workload.Name,
            workload.Processors,
            workload.Mappings,
            model.Name,
            touch.ToString().ToLowerInvariant(),
            caches.ToString().ToLowerInvariant(),
            siblings,
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
