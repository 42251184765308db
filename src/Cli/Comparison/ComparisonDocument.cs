namespace X86Pae.Cli.Comparison;

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
