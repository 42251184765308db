namespace X86Pae.Lab.Comparison;

/// <summary>Serves one workload by several strategies, each on a machine of its own that has just booted.</summary>
public static class StrategyComparison
{
    /// <summary>Runs the strategies.</summary>
    /// <param name="strategies">The strategies, such as <see cref="ComparedStrategy.BuiltIn"/>; of equal ones the first stays first.</param>
    /// <param name="workload">The mappings.</param>
    /// <param name="settings">The processors, and what is done with each mapping.</param>
    /// <returns>One result for each strategy, the cheapest first.</returns>
    public static IReadOnlyList<StrategyResult> Run(
        IReadOnlyList<ComparedStrategy> strategies, Workload workload, ComparisonSettings settings)
    {
        ArgumentNullException.ThrowIfNull(strategies);
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(settings);
        return [.. strategies.Select(strategy => strategy.Serve(workload, settings)).OrderBy(result => result.CyclesPerMap)];
    }
}
