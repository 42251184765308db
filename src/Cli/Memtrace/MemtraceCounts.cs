using X86Pae.Lab.Experiments;

namespace X86Pae.Cli.Memtrace;

/// <summary>The counts of one processor, or of all, as they are written to a file.</summary>
internal sealed record MemtraceCounts
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
    public static MemtraceCounts Of(int? processor, TracedCounts counts) => new()
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
