namespace X86Pae.Kmap.Traces;

/// <summary>A flush of kernel addresses as it was recorded: one flush_tlb_kernel_range and the do_flush_tlb_all it led to.</summary>
/// <param name="Line">Line of the flush_tlb_kernel_range; 0 if there was none.</param>
/// <param name="Start">First address.</param>
/// <param name="End">End of the range.</param>
/// <param name="Processors">CPUs that ran a full flush before the call returned, bit n for CPU n.</param>
public readonly record struct RecordedFlush(long Line, uint Start, uint End, ulong Processors);
