using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>What the translation caches hold for an address, each side at the level that answers first.</summary>
/// <param name="Data">The data side of the TLB as the access finds it, for a fetch as a load does; null for nothing.</param>
/// <param name="Instruction">The instruction side; null for nothing.</param>
/// <param name="Pde">The PDE cache; null for nothing.</param>
public readonly record struct CacheContents(CachedTranslation? Data, CachedTranslation? Instruction, CachedPde? Pde);

/// <summary>What one side of the TLB holds for an address.</summary>
/// <param name="PhysicalAddress">The physical byte address it translates to.</param>
/// <param name="Attributes">Rights and attributes of its page as they were when it was filled.</param>
/// <param name="PatType">The PAT's part of the memory type, as it was when it was filled.</param>
/// <param name="Number">
/// Which translation it was that filled it, counted from 1 over both sides, modulo 2^32; null without
/// <see cref="Tlb.TlbConfiguration.NumbersFills"/>.
/// </param>
/// <param name="FillsSince">How many translations were filled after it; the last one has 0. Null as the number.</param>
/// <param name="IsStale">
/// Whether the tables, read with the control registers as they are, say anything else: no page, another page, other rights
/// or attributes, another memory type by the PAT, or D = 0 where this entry lets writes pass without setting it. D = 1 in
/// memory alone is no difference.
/// </param>
public readonly record struct CachedTranslation(
    ulong PhysicalAddress, PageAttributes Attributes, MemoryType PatType, uint? Number, uint? FillsSince, bool IsStale);

/// <summary>What the PDE cache holds for an address.</summary>
/// <param name="Raw">The entry as it was read.</param>
/// <param name="FillsBefore">
/// How many translations had been filled when it was kept, modulo 2^32; null without <see cref="Tlb.TlbConfiguration.NumbersFills"/>.
/// </param>
/// <param name="FillsSince">How many were filled after that, as a rule including the one it was read for. Null as the number.</param>
/// <param name="IsStale">Whether the walk in memory reads another value, A aside, or does not get there.</param>
public readonly record struct CachedPde(ulong Raw, uint? FillsBefore, uint? FillsSince, bool IsStale);
