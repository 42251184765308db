namespace X86Pae.Timing;

/// <summary>A number of a CPU model that is known only within a range.</summary>
/// <param name="Name">Path in a model file, such as <c>movCr3</c> or <c>tlbs.pdeCache.entries</c>.</param>
/// <param name="Nominal">The model's value, in cycles unless its name says otherwise.</param>
/// <param name="Low">Lower end of the range; at most the nominal value.</param>
/// <param name="High">Upper end of the range; at least the nominal value.</param>
public readonly record struct ParameterRange(string Name, int Nominal, int Low, int High)
{
    /// <summary>Whether it is a size of hardware, of which not every value between the ends need exist.</summary>
    public bool IsEntryCount { get; init; }
}
