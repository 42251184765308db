namespace X86Pae.Kmap.Kernel;

/// <summary>A flush of a range of kernel addresses on all CPUs (flush_tlb_kernel_range), as it was carried out.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">End of the range.</param>
/// <param name="Initiator">The CPU that asked for it.</param>
/// <param name="IsFull">Whether it was done by full flushes, not page by page.</param>
/// <param name="Processors">CPUs that ran it, bit n for CPU n.</param>
public readonly record struct FlushRecord(uint Start, uint End, int Initiator, bool IsFull, ulong Processors);
