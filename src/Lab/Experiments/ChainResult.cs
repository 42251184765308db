namespace X86Pae.Lab.Experiments;

/// <summary>What following a chain of loads took, each figure for one load.</summary>
/// <param name="Cycles">Cycles.</param>
/// <param name="TlbMisses">Misses of the nearest TLB.</param>
/// <param name="MemoryAccesses">Accesses, table entries included, that no cache held.</param>
public readonly record struct ChainResult(double Cycles, double TlbMisses, double MemoryAccesses);
