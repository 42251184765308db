using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>
/// The cached translations of an address. Where several levels hold one, it is that of the level nearest the processor.
/// </summary>
/// <param name="Data">
/// The translation that a data access finds, null if there is none. It is that of a load if the access explained is a fetch.
/// </param>
/// <param name="Instruction">The translation that an instruction fetch finds; null if there is none.</param>
/// <param name="Pde">The page-directory entry in the PDE cache; null if there is none.</param>
public readonly record struct CacheContents(CachedTranslation? Data, CachedTranslation? Instruction, CachedPde? Pde);

/// <summary>A translation in the TLB.</summary>
/// <param name="PhysicalAddress">Physical byte address that the linear address translates to.</param>
/// <param name="Attributes">Rights and attributes of the page, as they were when the translation was cached.</param>
/// <param name="PatType">Memory type of the PAT entry that the page selected when the translation was cached.</param>
/// <param name="Number">
/// Number of the translation in the order in which the TLB cached them, data and instructions together: 1 is the first since the
/// MMU was made, modulo 2^32. Null unless <see cref="Tlb.TlbConfiguration.NumbersFills"/> is set.
/// </param>
/// <param name="FillsSince">
/// Number of translations cached after it, 0 for the latest one. Null if <paramref name="Number"/> is.
/// </param>
/// <param name="IsStale">
/// Whether a walk of the tables with the current control registers gives another result: no page, another page, other rights or
/// attributes, another memory type of the PAT, or D = 0 where the translation lets writes pass without setting D. D = 1 in the
/// tables and D = 0 in the translation is no difference.
/// </param>
public readonly record struct CachedTranslation(
    ulong PhysicalAddress, PageAttributes Attributes, MemoryType PatType, uint? Number, uint? FillsSince, bool IsStale);

/// <summary>A page-directory entry in the PDE cache.</summary>
/// <param name="Raw">The entry as it was read.</param>
/// <param name="FillsBefore">
/// Number of translations that the TLB had cached when the entry was cached, modulo 2^32. Null unless
/// <see cref="Tlb.TlbConfiguration.NumbersFills"/> is set.
/// </param>
/// <param name="FillsSince">
/// Number of translations cached after the entry, usually with the one it was read for. Null if <paramref name="FillsBefore"/>
/// is.
/// </param>
/// <param name="IsStale">
/// Whether a walk of the tables reads another entry (A is not compared), or ends above the directory.
/// </param>
public readonly record struct CachedPde(ulong Raw, uint? FillsBefore, uint? FillsSince, bool IsStale);
