namespace X86Pae.Paging;

/// <summary>What a translation says of its page: rights combined over all levels, the rest from the leaf entry.</summary>
/// <remarks>
/// The low twelve bits are what a TLB entry keeps beside the frame: these flags, of which the first three index the verdict
/// table of <see cref="AccessRights"/>, and in 11:9 the memory type that the PAT had when the entry was filled.
/// </remarks>
[Flags]
public enum PageAttributes : uint
{
    /// <summary>A clean, read-only, executable supervisor page of 4 KiB.</summary>
    None = 0,

    /// <summary>R/W = 1 at every level.</summary>
    Writable = 1 << 0,

    /// <summary>U/S = 1 at every level: a user-mode address.</summary>
    User = 1 << 1,

    /// <summary>XD = 1 at some level while EFER.NXE = 1.</summary>
    ExecuteDisable = 1 << 2,

    /// <summary>PWT of the leaf entry.</summary>
    WriteThrough = 1 << 3,

    /// <summary>PCD of the leaf entry.</summary>
    CacheDisable = 1 << 4,

    /// <summary>PAT of the leaf entry (bit 7 of a PTE, bit 12 of a large-page PDE).</summary>
    Pat = 1 << 5,

    /// <summary>D of the leaf entry after the access.</summary>
    Dirty = 1 << 6,

    /// <summary>The page is mapped by a PDE: 2 MiB with PAE, 4 MiB without.</summary>
    Large = 1 << 7,

    /// <summary>G of the leaf entry while CR4.PGE = 1.</summary>
    Global = 1 << 8,
}
