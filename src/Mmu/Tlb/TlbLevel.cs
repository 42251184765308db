namespace X86Pae.Tlb;

/// <summary>One level of TLB for one kind of access.</summary>
/// <param name="Small">The array that holds 4-KiB pages.</param>
/// <param name="Large">The array that holds large pages; the same where sizes share one.</param>
/// <param name="Place">Which level it is.</param>
internal sealed record TlbLevel(TranslationArray Small, TranslationArray Large, TlbHit Place);
