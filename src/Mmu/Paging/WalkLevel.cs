namespace X86Pae.Paging;

/// <summary>Which table an entry belongs to.</summary>
public enum WalkLevel : byte
{
    /// <summary>Page-table entry; maps a 4-KiB page.</summary>
    Pte = 1,

    /// <summary>Page-directory entry; points to a page table or maps a large page.</summary>
    Pde = 2,

    /// <summary>Page-directory-pointer-table entry; read in a walk only with <see cref="PdpteMode.WalkOnDemand"/>.</summary>
    Pdpte = 3,
}
