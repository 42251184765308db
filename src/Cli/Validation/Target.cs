namespace X86Pae.Cli.Validation;

/// <summary>A validation target: one experiment on one processor, with the figures that were published for it.</summary>
internal sealed record Target
{
    /// <summary>V1 to V65.</summary>
    public required string Id { get; init; }

    /// <summary>How binding it is, unless a check says otherwise.</summary>
    public required Tier Tier { get; init; }

    /// <summary>The CPU model, unless a check says otherwise: a built-in one or one that is only there for validation.</summary>
    public string? Model { get; init; }

    /// <summary>Name of the experiment, one of <see cref="Experiments.All"/>.</summary>
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
