// The control state that a walk needs, worked out when a control register is written.
//
//  Reserved bits by level (Intel SDM vol. 3, tables 4-8 to 4-11; 4.3 for two-level paging):
//
//   hi        bits 62:M; all of 62:52 are reserved with PAE, unlike in long mode
//   PDPTE     63:M, 8:5, 2:1
//   PDE       hi, 63 while NXE = 0
//   2-MiB PDE the same, 20:13, and 12 on a processor without PAT
//   PTE       the same as PDE, and 7 on a processor without PAT
//   4-MiB PDE 21:13, less those that PSE-36 uses for physical bits 39:32; and 12 without PAT

namespace X86Pae.Paging;

/// <summary>
/// The control state of one moment, as a walk needs it: <see cref="PageWalker"/> reads this, memory, and nothing else.
/// </summary>
/// <remarks>
/// <see cref="ControlRegisters.State"/> gives it; the next write to a control register makes a copy of it outdated. With
/// <see cref="PdpteMode.Registers"/> it holds the PDPTE registers, and a walk reads no PDPTE from memory.
/// </remarks>
public struct PagingState
{
    internal PdpteRegisters Pdptes;
    private uint _cr3;
    internal readonly ulong ReservedPdpte;
    internal readonly ulong ReservedPde;
    internal readonly ulong ReservedLargePde;
    internal readonly ulong ReservedPte;
    internal readonly ulong Denied;
    internal readonly ulong Global;
    internal readonly ulong AddressMask;
    internal readonly ulong FrameMask; // bits 51:12 of an entry, less those that A20M# masks
    internal readonly ulong UsedTableMask; // bits of a PAE PDE that are P and A alone where it points to a table and has been used
    internal readonly ulong UsedPageMask; // bits of a PAE PTE that are P and A alone where it has been used and PAT is clear
    internal readonly ulong LeafAttributes; // bits of a leaf that are at the same place in PageAttributes
    internal uint TableBase;
    internal readonly bool LargePages;
    internal readonly bool PdpteOnDemand;
    internal readonly bool WalksFromRegisters; // PAE paging with PDPTE registers
    internal readonly bool AccessedBeforeFault;
    internal readonly ulong PdpteAccessed;
    internal readonly PageFaultErrorCode ReservedFault;
    internal readonly PageFaultErrorCode ReportedErrorBits;

    internal PagingState(
        CpuFeatures features,
        PagingOptions options,
        Cr0 cr0,
        uint cr3,
        Cr4 cr4,
        Efer efer,
        in PdpteRegisters pdptes,
        ulong addressMask)
    {
        bool pae = (cr4 & Cr4.PhysicalAddressExtension) != 0;
        bool nxe = pae && (efer & Efer.ExecuteDisableEnable) != 0;
        bool smep = (cr4 & Cr4.SupervisorExecutionPrevention) != 0;

        Mode = (cr0 & Cr0.Paging) == 0 ? PagingMode.None : pae ? PagingMode.Pae : PagingMode.TwoLevel;
        LoadTables(cr3, in pdptes, pae);
        ReservedPdpte = ReservedPdpteBits(features.MaxPhyAddr, options);
        bool patReserved = options.ReservesPatBit && !features.Pat;
        ulong reserved = Bits(62, features.MaxPhyAddr) | (nxe ? 0 : EntryBits.ExecuteDisable);
        if (pae)
        {
            LargePages = true;
            ReservedPde = reserved;
            ReservedLargePde = reserved | Bits(20, 13) | (patReserved ? EntryBits.LargePagePat : 0);
            ReservedPte = reserved | (patReserved ? EntryBits.PtePat : 0);
        }
        else
        {
            LargePages = (cr4 & Cr4.PageSizeExtensions) != 0;
            patReserved &= LargePages; // with PSE = 0 no bit is reserved at all
            int width = options.Pse36Width ?? (features.Pse36 ? Math.Min(40, features.MaxPhyAddr) : 32);
            int lowestReserved = width - 19;
            ReservedLargePde = Bits(21, lowestReserved) | (patReserved ? EntryBits.LargePagePat : 0);
            ReservedPte = patReserved ? EntryBits.PtePat : 0;
        }

        Denied = AccessRights.ComputeDenied(
            writeProtect: (cr0 & Cr0.WriteProtect) != 0,
            smep,
            smap: (cr4 & Cr4.SupervisorAccessPrevention) != 0);
        Global = (cr4 & Cr4.PageGlobalEnable) != 0 ? EntryBits.Global : 0;
        LeafAttributes = EntryBits.WriteThrough | EntryBits.CacheDisable | EntryBits.Dirty | Global;
        AddressMask = addressMask;
        FrameMask = EntryBits.Frame & addressMask;
        UsedTableMask = EntryBits.Present | EntryBits.Accessed | EntryBits.LargePage | ReservedPde;
        UsedPageMask = EntryBits.Present | EntryBits.Accessed | EntryBits.PtePat | ReservedPte;
        PdpteOnDemand = options.PdpteMode == PdpteMode.WalkOnDemand;
        WalksFromRegisters = Mode == PagingMode.Pae && !PdpteOnDemand;
        AccessedBeforeFault = options.FaultAccessedPolicy == FaultAccessedPolicy.PdeSet;
        PdpteAccessed = options.SetsPdpteAccessed ? EntryBits.Accessed : 0;
        ReservedFault = PageFaultErrorCode.Reserved | (options.ReservedFaultReportsPresent ? PageFaultErrorCode.Present : 0);
        ReportedErrorBits = (PageFaultErrorCode)0x0F | (smep || nxe ? PageFaultErrorCode.Fetch : 0);
    }

    /// <summary>How linear addresses become physical ones.</summary>
    public readonly PagingMode Mode { get; }

    /// <summary>Takes over a write to CR3; no other part of the state depends on it.</summary>
    /// <param name="cr3">The value written.</param>
    /// <param name="pdptes">The PDPTE registers after the write.</param>
    /// <param name="pae">CR4.PAE.</param>
    internal void LoadTables(uint cr3, in PdpteRegisters pdptes, bool pae)
    {
        Pdptes = pdptes;
        _cr3 = cr3;
        TableBase = cr3 & (pae ? 0xFFFF_FFE0 : 0xFFFF_F000);
    }

    /// <summary>
    /// The PDPTE register or CR3 that points to the page directory of an address; its PCD and PWT type the directory.
    /// </summary>
    /// <param name="linear">The linear address.</param>
    internal readonly ulong Parent(uint linear) => Mode == PagingMode.Pae ? Pdptes[(int)(linear >> 30)] : _cr3;

    /// <summary>The bits that must be 0 in a present PDPTE.</summary>
    /// <param name="width">Width of physical addresses in bits.</param>
    /// <param name="options">Whether the low bits are checked.</param>
    internal static ulong ReservedPdpteBits(int width, PagingOptions options) =>
        Bits(63, width) | (options.ChecksLowPdpteBits ? PdpteRegisters.ReservedLow : 0);

    /// <summary>A mask of bits <paramref name="high"/> down to <paramref name="low"/>; 0 where high is below low.</summary>
    private static ulong Bits(int high, int low) => ulong.MaxValue >> (63 - high) & ulong.MaxValue << low;
}

/// <summary>How linear addresses are translated (Intel SDM vol. 3, 4.1.1).</summary>
public enum PagingMode : byte
{
    /// <summary>CR0.PG = 0: the linear address is the physical address.</summary>
    None,

    /// <summary>CR4.PAE = 0: two levels of 32-bit entries, 4-KiB and 4-MiB pages.</summary>
    TwoLevel,

    /// <summary>CR4.PAE = 1: four PDPTE registers over two levels of 64-bit entries, 4-KiB and 2-MiB pages.</summary>
    Pae,
}
