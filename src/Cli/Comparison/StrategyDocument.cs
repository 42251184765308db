namespace X86Pae.Cli.Comparison;

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
