namespace X86Pae.Cli.Validation;

/// <summary>One figure of a target. It expects a value, or a range of which either end may be open.</summary>
internal sealed record TargetCheck
{
    /// <summary>How binding it is; null for the target's tier.</summary>
    public Tier? Tier { get; init; }

    /// <summary>The CPU model; null for the target's.</summary>
    public string? Model { get; init; }

    /// <summary>The experiment; null for the target's.</summary>
    public string? Experiment { get; init; }

    /// <summary>Arguments of the experiment, after the target's own; null for none.</summary>
    public IReadOnlyList<int>? Arguments { get; init; }

    /// <summary>The value expected.</summary>
    public double? Expected { get; init; }

    /// <summary>Lower end of the range expected.</summary>
    public double? AtLeast { get; init; }

    /// <summary>Upper end of the range expected.</summary>
    public double? AtMost { get; init; }

    /// <summary>Relative tolerance in percent.</summary>
    public double? Percent { get; init; }

    /// <summary>Absolute tolerance, in the unit of the value.</summary>
    public double? Within { get; init; }

    /// <summary>Why the model does not meet it; where it does, there is none.</summary>
    public string? Reason { get; init; }
}
