// Encodings of the memory types, in the PAT as well as in MTRRs. Intel SDM vol. 3, tables 11-2, 11-8 and 11-10.
// 2, 3 and everything from 8 on are reserved: writing one to either register is #GP. UC- exists in the PAT alone.

using System.Diagnostics.CodeAnalysis;

namespace X86Pae.Paging;

/// <summary>The way in which the processor may cache and order accesses to memory.</summary>
public enum MemoryType : byte
{
    /// <summary>UC, strong uncacheable: no caching, no speculation, in program order.</summary>
    Uncacheable = 0,

    /// <summary>WC, write combining: not cached, stores may be joined and reordered.</summary>
    WriteCombining = 1,

    /// <summary>WT, write-through: loads are cached, stores go to memory.</summary>
    WriteThrough = 4,

    /// <summary>WP, write protected: loads are cached, stores go to memory and invalidate the line in all processors.</summary>
    WriteProtected = 5,

    /// <summary>WB, write-back: loads and stores are cached.</summary>
    WriteBack = 6,

    /// <summary>UC-: as UC, but a WC or WP MTRR turns it into WC. Only the PAT can hold it.</summary>
    UncacheableMinus = 7,
}

// From the bits of a paging-structure entry to a memory type. Intel SDM vol. 3, 4.9 and 11.5.2.
//
//   PAT entry selected by             for
//     4 * PAT + 2 * PCD + PWT         the access itself, from the leaf entry (PAT is bit 7 of a PTE, bit 12 of a large PDE)
//     2 * PCD + PWT of the PDE        reading or flagging a PTE
//     2 * PCD + PWT of the PDPTE      reading or flagging a PDE
//
//   Table 11-7: effective type, PAT-capable processors       Table 11-6: without PAT, by (PCD, PWT)
//
//     MTRR \ PAT   UC   UC-  WC   WT   WB   WP                 MTRR      0,0  0,1  1,0  1,1
//     UC           UC   UC   WC   UC   UC   UC                 UC        UC   UC   UC   UC
//     WC           UC   WC   WC   UC   WC   UC                 WC        WC   WC*  WC*  UC
//     WT           UC   UC   WC   WT   WT   WP                 WT        WT   WT   UC   UC
//     WP           UC   WC   WC   WT   WP   WP                 WP        WP   WP*  WC*  UC
//     WB           UC   UC   WC   WT   WB   WP                 WB        WB   WT   UC   UC
//                                                              * model-specific

/// <summary>The rules that combine PAT, MTRR and CR0.CD into the memory type of one access.</summary>
/// <remarks>
/// A TLB entry keeps the PAT's type from its fill, because WRMSR to IA32_PAT invalidates nothing. WRMSR to an MTRR invalidates
/// everything, so the type of the MTRRs may be looked up at each use.
/// </remarks>
internal static class MemoryTypes
{
    private const byte UC = (byte)MemoryType.Uncacheable;
    private const byte WC = (byte)MemoryType.WriteCombining;
    private const byte WT = (byte)MemoryType.WriteThrough;
    private const byte WP = (byte)MemoryType.WriteProtected;
    private const byte WB = (byte)MemoryType.WriteBack;

    private const int MtrrEncodings = 0b0111_0011;
    private const int PatEncodings = 0b1111_0011;

    /// <summary>The number of the PAT entry that a page selects.</summary>
    /// <param name="page">Attributes of the leaf entry; PAT, PCD and PWT count.</param>
    /// <returns>0 to 7.</returns>
    public static int PatIndex(PageAttributes page) => ((int)page >> 3) & 7;

    /// <summary>Number of PAT entries that can apply to a table.</summary>
    public const int PatIndicesOfTables = 4;

    /// <summary>The number of the PAT entry for accesses to the table that an entry points to.</summary>
    /// <param name="entry">The PDPTE register for a page directory (CR3 in two-level paging), the PDE for a page table.</param>
    /// <returns>0 to 3: these entries have no PAT bit.</returns>
    public static int PatIndexOfTable(ulong entry) => (int)(entry >> 3) & 3;

    /// <summary>One of the eight types of IA32_PAT.</summary>
    /// <param name="pat">IA32_PAT.</param>
    /// <param name="index">0 to 7.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is outside 0 to 7.</exception>
    public static MemoryType PatEntry(ulong pat, int index)
    {
        if ((uint)index > 7)
        {
            Throw(nameof(index), "A PAT has entries 0 to 7.");
        }

        return (MemoryType)(byte)(pat >> (8 * index));
    }

    /// <summary>The type in the PAT entry that a page selects.</summary>
    /// <param name="pat">IA32_PAT.</param>
    /// <param name="page">
    /// Attributes of the leaf entry. Its bits PAT, PCD and PWT are eight times the number of the PAT entry.
    /// </param>
    public static MemoryType PatTypeOf(ulong pat, PageAttributes page) => (MemoryType)((pat >> ((int)page & 0x38)) & 7);

    /// <summary>The type of an access on a processor with PAT.</summary>
    /// <param name="mtrr">Type of the physical address in the MTRRs.</param>
    /// <param name="pat">Type of the page or table in the PAT.</param>
    /// <returns>The type; never UC-, which the table turns into UC or WC.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is a type that an MTRR or the PAT cannot hold.</exception>
    /// <remarks>Source: Intel SDM vol. 3, table 11-7.</remarks>
    public static MemoryType Effective(MemoryType mtrr, MemoryType pat)
    {
        if (!IsMtrrType((byte)mtrr))
        {
            Throw(nameof(mtrr), "No memory type of an MTRR.");
        }

        if (!IsPatType((byte)pat))
        {
            Throw(nameof(pat), "No memory type of a PAT entry.");
        }

        // Indexed by the encodings of both; 2 and 3 are reserved.
        ReadOnlySpan<byte> types =
        [
            //  PAT: UC, WC, -, -, WT, WP, WB, UC-
            UC, WC, 0, 0, UC, UC, UC, UC, // UC
            UC, WC, 0, 0, UC, UC, WC, WC, // WC
            0, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0,
            UC, WC, 0, 0, WT, WP, WT, UC, // WT
            UC, WC, 0, 0, WT, WP, WP, WC, // WP
            UC, WC, 0, 0, WT, WP, WB, UC, // WB
        ];
        return (MemoryType)types[(8 * (int)mtrr) + (int)pat];
    }

    /// <summary>The type of an access on a processor without PAT.</summary>
    /// <param name="mtrr">Type of the physical address in the MTRRs.</param>
    /// <param name="cacheDisable">PCD of the leaf entry, or of the entry that points to the table.</param>
    /// <param name="writeThrough">PWT of the same entry.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="mtrr"/> is a type that an MTRR cannot hold.</exception>
    /// <remarks>Source: Intel SDM vol. 3, table 11-6. WC and WP with PCD unlike PWT are model-specific there.</remarks>
    public static MemoryType EffectiveWithoutPat(MemoryType mtrr, bool cacheDisable, bool writeThrough)
    {
        if (!IsMtrrType((byte)mtrr))
        {
            Throw(nameof(mtrr), "No memory type of an MTRR.");
        }

        return (mtrr, cacheDisable, writeThrough) switch
        {
            (MemoryType.WriteBack, false, true) => MemoryType.WriteThrough,
            (_, false, _) => mtrr,
            (MemoryType.WriteCombining or MemoryType.WriteProtected, true, false) => MemoryType.WriteCombining,
            _ => MemoryType.Uncacheable,
        };
    }

    /// <summary>The type of an access under the CD and PG bits of CR0.</summary>
    /// <param name="cr0">CR0 at the time of the access.</param>
    /// <param name="mtrr">Type of the physical address in the MTRRs.</param>
    /// <param name="effective">The type by <see cref="Effective"/> or <see cref="EffectiveWithoutPat"/>.</param>
    /// <returns>UC with CD = 1; the MTRR's type with PG = 0; otherwise <paramref name="effective"/>.</returns>
    /// <remarks>
    /// CD = 1 is model-specific: a real processor goes on using lines that are in its caches. The manual tells software to count
    /// on UC. Source: Intel SDM vol. 3, 4.9, 11.5.1 to 11.5.3.
    /// </remarks>
    public static MemoryType UnderCr0(Cr0 cr0, MemoryType mtrr, MemoryType effective) =>
        (cr0 & Cr0.CacheDisable) != 0 ? MemoryType.Uncacheable
        : (cr0 & Cr0.Paging) == 0 ? mtrr
        : effective;

    /// <summary>Whether an MTRR may hold this encoding.</summary>
    /// <param name="encoding">A field of an MTRR.</param>
    public static bool IsMtrrType(byte encoding) => encoding <= WB && ((MtrrEncodings >> encoding) & 1) != 0;

    /// <summary>Whether the PAT may hold this encoding.</summary>
    /// <param name="encoding">A byte of IA32_PAT.</param>
    public static bool IsPatType(byte encoding) => encoding <= 7 && ((PatEncodings >> encoding) & 1) != 0;

    [DoesNotReturn]
    private static void Throw(string parameter, string message) => throw new ArgumentOutOfRangeException(parameter, message);
}
