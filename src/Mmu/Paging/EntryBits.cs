// Bits that page-table entries of every level share. Intel SDM vol. 3, tables 4-5 to 4-11.
//
//   63  62          M  M-1              12  11  9  8   7      6   5   4   3   2   1   0
//  +---+-------------+--------------------+------+---+------+---+---+---+---+---+---+---+
//  |XD | reserved    | frame or table     | avl  | G |PS/PAT| D | A |PCD|PWT|U/S|R/W| P |
//  +---+-------------+--------------------+------+---+------+---+---+---+---+---+---+---+
//
//  M is MAXPHYADDR. Bit 7 is PS in a PDE and PAT in a PTE; a large-page PDE has its PAT in bit 12.
//  Two-level (32-bit) entries are the low half; there a 4-MiB PDE carries physical bits 39:32 in bits 20:13 (PSE-36).

namespace X86Pae.Paging;

/// <summary>
/// Bit masks of PAE page-table entries; those below bit 32 hold for the 32-bit entries of two-level paging too.
/// </summary>
public static class EntryBits
{
    /// <summary>P: the entry is in use. While it is 0, the other bits belong to software.</summary>
    public const ulong Present = 1UL << 0;

    /// <summary>R/W: writes are allowed.</summary>
    public const ulong Writable = 1UL << 1;

    /// <summary>U/S: user-mode accesses are allowed.</summary>
    public const ulong User = 1UL << 2;

    /// <summary>PWT: write-through, bit 0 of the PAT index.</summary>
    public const ulong WriteThrough = 1UL << 3;

    /// <summary>PCD: cache disable, bit 1 of the PAT index.</summary>
    public const ulong CacheDisable = 1UL << 4;

    /// <summary>A: the entry has been used for a translation.</summary>
    public const ulong Accessed = 1UL << 5;

    /// <summary>D: the page has been written. It exists in a leaf only.</summary>
    public const ulong Dirty = 1UL << 6;

    /// <summary>PS in a PDE: it maps a large page.</summary>
    public const ulong LargePage = 1UL << 7;

    /// <summary>PAT in a PTE: bit 2 of the PAT index.</summary>
    public const ulong PtePat = 1UL << 7;

    /// <summary>G: the translation survives MOV to CR3 while CR4.PGE = 1. It exists in a leaf only.</summary>
    public const ulong Global = 1UL << 8;

    /// <summary>PAT in a PDE that maps a large page.</summary>
    public const ulong LargePagePat = 1UL << 12;

    /// <summary>XD: instruction fetches fault. It is reserved while EFER.NXE = 0.</summary>
    public const ulong ExecuteDisable = 1UL << 63;

    /// <summary>Bits 51:12: address of a table or of a 4-KiB page.</summary>
    public const ulong Frame = 0x000F_FFFF_FFFF_F000;

    /// <summary>Bits 51:21: address of a 2-MiB page.</summary>
    public const ulong LargeFrame = 0x000F_FFFF_FFE0_0000;
}
