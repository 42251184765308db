using System.Text.Json;
using System.Text.Json.Serialization;
using X86Pae.Lab.AddressTraces;
using X86Pae.Timing;

namespace X86Pae.Lab.Reports;

/// <summary>Writes what the replay of an address trace counted as JSON.</summary>
public static class AddressTraceReport
{
    /// <summary>Writes the counts as the text of a file.</summary>
    /// <param name="name">File name of the trace.</param>
    /// <param name="model">The processors.</param>
    /// <param name="records">Number of records.</param>
    /// <param name="counts">What each processor did, by its number.</param>
    /// <param name="recordsPerSecond">Records replayed in a second of host time; null to leave them out.</param>
    public static string ToJson(
        string name, CpuModel model, int records, IReadOnlyDictionary<int, TracedCounts> counts, double? recordsPerSecond = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(counts);
        var document = new AddressTraceDocument(
            name,
            model.Name,
            records,
            recordsPerSecond,
            [.. counts.Select(pair => AddressTraceFigures.Of(pair.Key, pair.Value))],
            AddressTraceFigures.Of(null, TracedCounts.Sum(counts.Values)));
        return JsonSerializer.Serialize(document, AddressTraceJsonContext.Default.AddressTraceDocument) + "\n";
    }
}

/// <summary>The replay of an address trace as it is written to a file.</summary>
/// <param name="Trace">File name of the trace.</param>
/// <param name="Cpu">CPU model.</param>
/// <param name="Records">Number of records.</param>
/// <param name="RecordsPerSecond">Of host time; null where that was not asked for.</param>
/// <param name="Processors">Each processor that appears, by number.</param>
/// <param name="Total">All of them.</param>
internal sealed record AddressTraceDocument(
    string Trace, string Cpu, int Records, double? RecordsPerSecond, IReadOnlyList<AddressTraceFigures> Processors, AddressTraceFigures Total);

/// <summary>The counts of one processor, or of all, as they are written to a file.</summary>
internal sealed record AddressTraceFigures
{
    /// <summary>Number of the processor; null for all.</summary>
    public required int? Processor { get; init; }

    public required long Fetches { get; init; }

    public required long Loads { get; init; }

    public required long Stores { get; init; }

    public required long PagesMapped { get; init; }

    public required long FramesChanged { get; init; }

    public required long LoadLevelMisses { get; init; }

    public required long FirstLevelMisses { get; init; }

    public required long SecondLevelHits { get; init; }

    public required long Walks { get; init; }

    public required long WalksFromPdeCache { get; init; }

    public required long TableLoads { get; init; }

    public required long TableLoadsFromL1 { get; init; }

    public required long TableLoadsFromL2 { get; init; }

    public required long TableLoadsFromL3 { get; init; }

    public required long TableLoadsFromMemory { get; init; }

    public required long Invlpgs { get; init; }

    public required long Cr3Writes { get; init; }

    public required long Cr4Writes { get; init; }

    public required long Cycles { get; init; }

    public required long DataCycles { get; init; }

    public required long RefillCycles { get; init; }

    public required long FlushCycles { get; init; }

    public required double CyclesPerAccess { get; init; }

    /// <summary>Describes counts.</summary>
    /// <param name="processor">Number of the processor; null for all.</param>
    /// <param name="counts">The counts.</param>
    public static AddressTraceFigures Of(int? processor, TracedCounts counts) => new()
    {
        Processor = processor,
        Fetches = counts.Fetches,
        Loads = counts.Loads,
        Stores = counts.Stores,
        PagesMapped = counts.PagesMapped,
        FramesChanged = counts.FramesChanged,
        LoadLevelMisses = counts.Events.LoadLevelMisses,
        FirstLevelMisses = counts.Events.FirstLevelMisses,
        SecondLevelHits = counts.Events.SecondLevelHits,
        Walks = counts.Events.Walks,
        WalksFromPdeCache = counts.WalksFromPdeCache,
        TableLoads = counts.Events.TableLoads,
        TableLoadsFromL1 = counts.Events.TableLoadsFromL1,
        TableLoadsFromL2 = counts.Events.TableLoadsFromL2,
        TableLoadsFromL3 = counts.Events.TableLoadsFromL3,
        TableLoadsFromMemory = counts.Events.TableLoadsFromMemory,
        Invlpgs = counts.Events.Invlpgs,
        Cr3Writes = counts.Events.Cr3Writes,
        Cr4Writes = counts.Events.Cr4Writes,
        Cycles = counts.Cycles,
        DataCycles = counts.DataCycles,
        RefillCycles = counts.RefillCycles,
        FlushCycles = counts.FlushCycles,
        CyclesPerAccess = counts.CyclesPerAccess,
    };
}

/// <summary>Serialisation code for the counts, generated when the tool is built.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AddressTraceDocument))]
internal sealed partial class AddressTraceJsonContext : JsonSerializerContext;
