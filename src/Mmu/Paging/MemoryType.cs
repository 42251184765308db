// Encodings of the memory types, in the PAT as well as in MTRRs. Intel SDM vol. 3, tables 11-2, 11-8 and 11-10.
// 2, 3 and everything from 8 on are reserved: writing one to either register is #GP. UC- exists in the PAT alone.

using System.Diagnostics.CodeAnalysis;

namespace X86Pae.Paging;

/// <summary>How the processor may cache and order accesses to memory.</summary>
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

    /// <summary>UC-, uncacheable as UC, but a WC (or WP) MTRR turns it into WC. In the PAT alone.</summary>
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

/// <summary>The rules that combine PAT, MTRR and CR0.CD into the memory type of one access; pure functions.</summary>
/// <remarks>
/// A TLB keeps what <see cref="PatEntry"/> gave when it was filled: WRMSR to IA32_PAT invalidates nothing, WRMSR to an MTRR
/// everything, so the other functions may be asked at each use.
/// </remarks>
public static class MemoryTypes
{
    private const byte UC = (byte)MemoryType.Uncacheable;
    private const byte WC = (byte)MemoryType.WriteCombining;
    private const byte WT = (byte)MemoryType.WriteThrough;
    private const byte WP = (byte)MemoryType.WriteProtected;
    private const byte WB = (byte)MemoryType.WriteBack;

    private const int MtrrEncodings = 0b0111_0011;
    private const int PatEncodings = 0b1111_0011;

    /// <summary>Which PAT entry a page selects.</summary>
    /// <param name="page">Attributes of the leaf entry; PAT, PCD and PWT count.</param>
    /// <returns>0 to 7.</returns>
    public static int PatIndex(PageAttributes page) => ((int)page >> 3) & 7;

    /// <summary>Number of PAT entries that can apply to a table.</summary>
    internal const int PatIndicesOfTables = 4;

    /// <summary>Which PAT entry applies to reads and updates of the table that an entry points to.</summary>
    /// <param name="entry">The PDPTE register for a page directory (CR3 in two-level paging), the PDE for a page table.</param>
    /// <returns>0 to 3: these entries have no PAT bit.</returns>
    public static int PatIndexOfTable(ulong entry) => (int)(entry >> 3) & 3;

    /// <summary>One of the eight types of IA32_PAT.</summary>
    /// <param name="pat">The register, as a legal write left it.</param>
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

    /// <summary><see cref="PatEntry"/> by <see cref="PatIndex"/>, in one step.</summary>
    /// <param name="pat">The register.</param>
    /// <param name="page">Attributes of the leaf entry, whose PAT, PCD and PWT are eight times the index as they stand there.</param>
    internal static MemoryType PatTypeOf(ulong pat, PageAttributes page) => (MemoryType)((pat >> ((int)page & 0x38)) & 7);

    /// <summary>The type of an access on a processor with PAT.</summary>
    /// <param name="mtrr">What the MTRRs say of the physical address.</param>
    /// <param name="pat">What the PAT says of the page or table.</param>
    /// <returns>Never UC-: what it turns into.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is no type that an MTRR or the PAT can hold.</exception>
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
    /// <param name="mtrr">What the MTRRs say of the physical address.</param>
    /// <param name="cacheDisable">PCD of the leaf entry, or of the entry that points to the table.</param>
    /// <param name="writeThrough">PWT of the same entry.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="mtrr"/> is no type that an MTRR can hold.</exception>
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

    /// <summary>Applies CR0: caches disabled by CD, or no page entry to ask while paging is off.</summary>
    /// <param name="cr0">CR0 at the time of the access.</param>
    /// <param name="mtrr">What the MTRRs say of the physical address.</param>
    /// <param name="effective">What <see cref="Effective"/> or <see cref="EffectiveWithoutPat"/> gave.</param>
    /// <returns>UC with CD = 1, the MTRR's type with PG = 0, else <paramref name="effective"/>.</returns>
    /// <remarks>
    /// CD = 1 is model-specific: real processors keep using lines that are in the cache already. UC is what software is told to
    /// count on. Source: Intel SDM vol. 3, 4.9, 11.5.1 to 11.5.3.
    /// </remarks>
    public static MemoryType UnderCr0(Cr0 cr0, MemoryType mtrr, MemoryType effective) =>
        (cr0 & Cr0.CacheDisable) != 0 ? MemoryType.Uncacheable
        : (cr0 & Cr0.Paging) == 0 ? mtrr
        : effective;

    /// <summary>Whether an MTRR may hold this encoding.</summary>
    /// <param name="encoding">A field of an MTRR.</param>
    internal static bool IsMtrrType(byte encoding) => encoding <= WB && ((MtrrEncodings >> encoding) & 1) != 0;

    /// <summary>Whether the PAT may hold this encoding.</summary>
    /// <param name="encoding">A byte of IA32_PAT.</param>
    internal static bool IsPatType(byte encoding) => encoding <= 7 && ((PatEncodings >> encoding) & 1) != 0;

    [DoesNotReturn]
    private static void Throw(string parameter, string message) => throw new ArgumentOutOfRangeException(parameter, message);
}
