namespace X86Pae.Timing;

/// <summary>One number of a CPU model with where it comes from.</summary>
/// <param name="Value">The nominal value, in the unit that the member's name or documentation says.</param>
/// <param name="Confidence">How it is known.</param>
/// <param name="Source">The measurement, manual or argument behind it.</param>
/// <param name="Low">Lower end of the range to sweep; equal to <paramref name="Value"/> where nothing is to be swept.</param>
/// <param name="High">Upper end of the range to sweep.</param>
public readonly record struct Parameter(int Value, Confidence Confidence, string Source, int Low, int High)
{
    /// <summary>A parameter without a range.</summary>
    /// <param name="value">The value.</param>
    /// <param name="confidence">How it is known.</param>
    /// <param name="source">Where it comes from.</param>
    public Parameter(int value, Confidence confidence, string source)
        : this(value, confidence, source, value, value)
    {
    }
}
