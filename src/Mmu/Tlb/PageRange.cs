namespace X86Pae.Tlb;

/// <summary>Consecutive 4-KiB pages.</summary>
/// <param name="Linear">Address of the first one.</param>
/// <param name="Count">How many, 1 or more; numbers wrap at 4 GiB.</param>
internal readonly record struct PageRange(uint Linear, uint Count);
