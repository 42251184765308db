namespace X86Pae.Timing;

/// <summary>An array of translations of a CPU model with its place there.</summary>
/// <param name="Name">Path of the member in a model file, such as <c>tlbs.data4K</c>.</param>
/// <param name="Array">The array.</param>
public readonly record struct NamedTlbArray(string Name, TlbArray Array);
