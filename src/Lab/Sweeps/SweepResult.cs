using X86Pae.Timing;

namespace X86Pae.Lab.Sweeps;

/// <summary>Whether an order by cost survives errors in the estimates behind it.</summary>
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

/// <summary>What one contender costs over the corners of the ranges.</summary>
public sealed record SweptCost
{
    /// <summary>The contender.</summary>
    public required string Name { get; init; }

    /// <summary>Its cost with every parameter at its nominal value.</summary>
    public required double Nominal { get; init; }

    /// <summary>Its least cost at a corner.</summary>
    public required double Minimum { get; init; }

    /// <summary>The first corner with that cost: the parameters that matter to this contender.</summary>
    public required IReadOnlyList<ParameterSetting> MinimumCorner { get; init; }

    /// <summary>Its greatest cost at a corner.</summary>
    public required double Maximum { get; init; }

    /// <summary>The first corner with that cost.</summary>
    public required IReadOnlyList<ParameterSetting> MaximumCorner { get; init; }

    /// <summary>Number of corners it was run at: two to the power of the number of parameters that matter to it.</summary>
    public required int Corners { get; init; }
}

/// <summary>Whether the order of two contenders that are neighbours at the nominal values holds over the corners.</summary>
public sealed record SweptOrder
{
    /// <summary>The one that is cheaper at the nominal values, or as cheap.</summary>
    public required string Cheaper { get; init; }

    /// <summary>The other one.</summary>
    public required string Dearer { get; init; }

    /// <summary>What the corners say.</summary>
    public required OrderVerdict Verdict { get; init; }

    /// <summary>
    /// Settings at which the order is reversed, all others nominal; as few as were found, empty if it never is. One alone is
    /// enough exactly if there is one in <see cref="FlipPoints"/>. Of several, those with the greatest effect are set first.
    /// </summary>
    public required IReadOnlyList<ParameterSetting> Flip { get; init; }

    /// <summary>
    /// For each parameter that reverses the order alone, the value nearest to the nominal one that was found to do so: the
    /// value one step closer was run too, and does not. Numbers of entries are only tried at the ends of their range.
    /// </summary>
    public required IReadOnlyList<ParameterSetting> FlipPoints { get; init; }

    /// <summary>Number of corners at which the two were compared.</summary>
    public required long Corners { get; init; }
}

/// <summary>Whether one contender stays cheaper than another at the corners of the estimated ranges.</summary>
public enum OrderVerdict : byte
{
    /// <summary>It is dearer at no corner that was run, and cheaper at one at least.</summary>
    Holds,

    /// <summary>Both cost the same at every corner that was run.</summary>
    Equal,

    /// <summary>There is a corner at which it is dearer.</summary>
    Flips,
}
