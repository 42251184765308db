using X86Pae.Timing;

namespace X86Pae.Lab.Sweeps;

/// <summary>What becomes of an order by cost when the estimates behind it are not what they are thought to be.</summary>
public sealed record SweepResult
{
    /// <summary>The parameters with a range that change something and were swept, in the order of a model file.</summary>
    public required IReadOnlyList<ParameterRange> Swept { get; init; }

    /// <summary>
    /// Parameters with a range that changed no figure of any run when set to either end, alone or all together: left at their
    /// nominal value.
    /// </summary>
    public required IReadOnlyList<ParameterRange> WithoutEffect { get; init; }

    /// <summary>
    /// Parameters that do change something but were left at their nominal value, because the corners would have been too
    /// many; those with the least effect alone. Nothing is known of the corners at which these differ.
    /// </summary>
    public required IReadOnlyList<ParameterRange> LeftNominal { get; init; }

    /// <summary>The contenders, the cheapest at the nominal values first.</summary>
    public required IReadOnlyList<SweptCost> Costs { get; init; }

    /// <summary>Each contender of <see cref="Costs"/> against the next one.</summary>
    public required IReadOnlyList<SweptOrder> Orders { get; init; }

    /// <summary>Number of runs that were made, one contender at one setting of the parameters each.</summary>
    public required long Runs { get; init; }

    /// <summary>Whether the verdicts are about every corner of the ranges that change something.</summary>
    public bool IsEveryCorner => LeftNominal.Count == 0;

    /// <summary>Whether the order as a whole holds.</summary>
    public OrderVerdict Verdict =>
        FirstFlip is not null ? OrderVerdict.Flips
        : Orders.All(order => order.Verdict == OrderVerdict.Equal) ? OrderVerdict.Equal
        : OrderVerdict.Holds;

    /// <summary>The neighbours that change places with the fewest settings, the first of several; null if none do.</summary>
    public SweptOrder? FirstFlip => Orders.Where(order => order.Verdict == OrderVerdict.Flips).MinBy(order => order.Flip.Count);
}
