using System.Globalization;

namespace X86Pae.Timing;

/// <summary>A parameter of a CPU model set to a value.</summary>
/// <param name="Name">Path in a model file, such as <c>movCr3</c> or <c>tlbs.pdeCache.entries</c>.</param>
/// <param name="Value">The value, in cycles unless the name says otherwise.</param>
public readonly record struct ParameterSetting(string Name, int Value)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}={Value}");
}
