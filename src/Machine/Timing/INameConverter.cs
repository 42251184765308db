namespace X86Pae.Timing;

/// <summary>A converter of an enumeration whose names can be listed.</summary>
internal interface INameConverter
{
    /// <summary>The names as they stand in a file, in order of their values.</summary>
    IReadOnlyList<string> Names { get; }
}
