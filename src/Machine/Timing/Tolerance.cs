namespace X86Pae.Timing;

/// <summary>How far a model may be from the load latencies measured on its processor, as mean absolute error in percent.</summary>
/// <param name="CacheResident">Over the cells in which no access goes to memory.</param>
/// <param name="TlbMissing">Over those of them in which the nearest TLB is missed.</param>
/// <param name="Dram">Over the cells of at least twice the last-level cache.</param>
public sealed record Tolerance(double CacheResident, double TlbMissing, double Dram);
