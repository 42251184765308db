namespace X86Pae.Timing;

/// <summary>A parameter of a CPU model with its place there.</summary>
/// <param name="Name">Path of the member in a model file, such as <c>movCr3</c> or <c>l1.loadToUse</c>.</param>
/// <param name="Parameter">The parameter.</param>
public readonly record struct NamedParameter(string Name, Parameter Parameter);
