namespace X86Pae.Explaining;

/// <summary>What the translation caches hold for an address, each side at the level that answers first.</summary>
/// <param name="Data">The data side of the TLB as the access finds it, for a fetch as a load does; null for nothing.</param>
/// <param name="Instruction">The instruction side; null for nothing.</param>
/// <param name="Pde">The PDE cache; null for nothing.</param>
public readonly record struct CacheContents(CachedTranslation? Data, CachedTranslation? Instruction, CachedPde? Pde);
