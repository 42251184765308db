namespace X86Pae.Lab.Validation;

/// <summary>A validation target: one experiment on one processor, with the figures that were published for it.</summary>
public sealed record Target
{
    /// <summary>V1 to V65.</summary>
    public required string Id { get; init; }

    /// <summary>How binding it is, unless a check says otherwise.</summary>
    public required Tier Tier { get; init; }

    /// <summary>The CPU model, unless a check says otherwise: a built-in one or one that is only there for validation.</summary>
    public string? Model { get; init; }

    /// <summary>Name of the experiment, as in targets.json.</summary>
    public required string Experiment { get; init; }

    /// <summary>First arguments of the experiment, the same for all checks; null for none.</summary>
    public IReadOnlyList<int>? Arguments { get; init; }

    /// <summary>Relative tolerance of a check that has none of its own, in percent.</summary>
    public double? Percent { get; init; }

    /// <summary>Where the figures were published.</summary>
    public required string Source { get; init; }

    /// <summary>The figures.</summary>
    public required IReadOnlyList<TargetCheck> Checks { get; init; }
}

/// <summary>One figure of a target. It expects a value, or a range of which either end may be open.</summary>
public sealed record TargetCheck
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

/// <summary>How binding a target is.</summary>
public enum Tier
{
    /// <summary>It must hold.</summary>
    T1,

    /// <summary>It holds, or a written reason says why not.</summary>
    T2,

    /// <summary>It is only reported.</summary>
    T3,
}
