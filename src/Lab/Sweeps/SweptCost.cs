using X86Pae.Timing;

namespace X86Pae.Lab.Sweeps;

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
