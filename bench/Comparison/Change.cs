namespace X86Pae.Bench.Comparison;

/// <summary>What became of a benchmark between two runs.</summary>
internal enum Change
{
    /// <summary>Neither threshold is passed with significance.</summary>
    Same,

    /// <summary>Slower by more than both thresholds.</summary>
    Slower,

    /// <summary>Faster by more than both thresholds.</summary>
    Faster,

    /// <summary>The medians differ by more than both thresholds, but the runs are too noisy to tell.</summary>
    Unclear,
}
