namespace X86Pae.Specification;

/// <summary>What the directory holds for an address: what stops the walk there, or the entry, and where it is.</summary>
public readonly record struct SpecPde(SpecProblem Problem, ulong Value, ulong Address, bool IsLarge);
