namespace X86Pae.Lab.Experiments;

/// <summary>What accesses took a thread, each figure for one access.</summary>
/// <param name="Cycles">Cycles.</param>
/// <param name="TlbMisses">Misses of the nearest TLB.</param>
/// <param name="Walks">Walks: misses of every TLB.</param>
public readonly record struct SiblingResult(double Cycles, double TlbMisses, double Walks);
