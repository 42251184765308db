using X86Pae.Paging;

namespace X86Pae.Explaining;

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
