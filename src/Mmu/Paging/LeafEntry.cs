// The attributes of a page come from the entries that map it. Intel SDM vol. 3, 4.6 (rights), 4.9 (memory type), tables 4-9 to
// 4-11.
//
//                      PTE, with the PDE above it       PDE of a large page
//   rights W, U        both entries have them           the entry has them
//   XD                 either entry has it              the entry has it
//   PWT, PCD, D, G     the PTE                          the entry
//   PAT                bit 7 of the PTE                 bit 12
//
//   Entries of two-level paging have 32 bits, so their XD is 0.

using System.Runtime.CompilerServices;

namespace X86Pae.Paging;

/// <summary>The attributes of a page by the entries that map it, in PAE and two-level paging.</summary>
internal static class LeafEntry
{
    /// <summary>Attributes of a 4-KiB page.</summary>
    /// <param name="pde">The directory entry.</param>
    /// <param name="pte">The table entry.</param>
    /// <param name="state">Control state.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few masks in every walk
    public static PageAttributes SmallPage(ulong pde, ulong pte, in PagingState state) =>
        Rights(pde & pte, pde | pte) | Copied(pte, in state) | (PageAttributes)((pte & EntryBits.PtePat) >> 2);

    /// <summary>Attributes of a large page.</summary>
    /// <param name="pde">The directory entry that maps it.</param>
    /// <param name="state">Control state.</param>
    public static PageAttributes LargePage(ulong pde, in PagingState state) =>
        Rights(pde, pde) | Copied(pde, in state) | (PageAttributes)((pde & EntryBits.LargePagePat) >> 7) | PageAttributes.Large;

    /// <summary>W, U and XD of a page.</summary>
    /// <param name="all">The AND of its entries.</param>
    /// <param name="any">The OR of its entries.</param>
    /// <remarks>
    /// Bit 63 of an entry that has passed the check of reserved bits is XD, even if NXE has been cleared since: a PDE in the PDE
    /// cache keeps XD, as a cached translation does.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few shifts in every walk
    public static PageAttributes Rights(ulong all, ulong any) => (PageAttributes)(((all >> 1) & 3) | ((any >> 61) & 4));

    /// <summary>PWT, PCD, D and G; they stand at the same bits in <see cref="PageAttributes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one mask in every walk
    private static PageAttributes Copied(ulong leaf, in PagingState state) => (PageAttributes)(leaf & state.LeafAttributes);
}
