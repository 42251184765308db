using X86Pae.Lab.Sweeps;
using X86Pae.Timing;

namespace X86Pae.Cli.Comparison;

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
