namespace X86Pae.Timing;

/// <summary>One number of a CPU model with where it comes from.</summary>
public sealed record Parameter
{
    /// <summary>The nominal value, in cycles of the processor unless its name says otherwise.</summary>
    public required int Value { get; init; }

    /// <summary>How it is known.</summary>
    public required Confidence Confidence { get; init; }

    /// <summary>The measurement, manual or argument behind it.</summary>
    public required string Source { get; init; }

    /// <summary>Lower end of the range to sweep; null where nothing is to be swept.</summary>
    public int? Low { get; init; }

    /// <summary>Upper end of the range to sweep; null where nothing is to be swept.</summary>
    public int? High { get; init; }
}
