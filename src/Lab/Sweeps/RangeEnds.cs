namespace X86Pae.Lab.Sweeps;

/// <summary>Which parameters are set to an end of their range; the others have their nominal value.</summary>
/// <param name="Low">Bit n for parameter n at its lower end.</param>
/// <param name="High">Bit n for parameter n at its upper end.</param>
internal readonly record struct RangeEnds(ulong Low, ulong High)
{
    /// <summary>Largest number of parameters.</summary>
    public const int MaxParameters = 64;

    /// <summary>Lists the corners of some parameters, each at one end or the other.</summary>
    /// <param name="parameters">Bit n for parameter n.</param>
    public static IEnumerable<RangeEnds> CornersOf(ulong parameters)
    {
        ulong high = 0;
        do
        {
            yield return new RangeEnds(parameters & ~high, high);
            high = (high - parameters) & parameters; // the next subset
        }
        while (high != 0);
    }
}
