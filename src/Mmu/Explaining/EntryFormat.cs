namespace X86Pae.Explaining;

/// <summary>What an entry is, by its level and PS.</summary>
public enum EntryFormat : byte
{
    /// <summary>PDPTE: points to a page directory (Intel SDM vol. 3, table 4-8).</summary>
    Pdpte,

    /// <summary>PDE that points to a page table (tables 4-5 and 4-10).</summary>
    TablePde,

    /// <summary>PDE that maps a page of 2 MiB, or of 4 MiB in two-level paging (tables 4-4 and 4-9).</summary>
    LargePagePde,

    /// <summary>PTE: maps a 4-KiB page (tables 4-6 and 4-11).</summary>
    Pte,
}
