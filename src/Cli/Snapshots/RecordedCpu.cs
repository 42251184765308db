namespace X86Pae.Cli.Snapshots;

/// <summary>The paging registers of one processor when the snapshot was taken.</summary>
/// <param name="Number">Number of the processor.</param>
/// <param name="Cr0">CR0.</param>
/// <param name="Cr3">CR3.</param>
/// <param name="Cr4">CR4.</param>
/// <param name="Efer">IA32_EFER.</param>
internal sealed record RecordedCpu(int Number, uint Cr0, uint Cr3, uint Cr4, ulong Efer);
