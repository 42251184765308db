namespace X86Pae.Paging;

/// <summary>Choices that the architecture leaves open, and deviations of peers that a run can be compared with.</summary>
/// <remarks>
/// The defaults are what the manual says, or what its authors' processors are believed to do. <see cref="Qemu"/> and
/// <see cref="Bochs"/> are the same options set to what those emulators were measured to do.
/// </remarks>
public sealed record PagingOptions
{
    private readonly int? _pdpteLoadWidth;
    private readonly int? _pse36Width;

    /// <summary>The manual, with the recommended choice where it leaves one.</summary>
    public static PagingOptions Default { get; } = new();

    /// <summary>QEMU 7.2 TCG: PDPTEs are read from memory on each walk, and several checks are missing.</summary>
    /// <remarks>Its MAXPHYADDR is 40, 36 or 32 by CPU model; set it in the features.</remarks>
    public static PagingOptions Qemu { get; } = new()
    {
        PdpteMode = PdpteMode.WalkOnDemand,
        ChecksLowPdpteBits = false,
        SetsPdpteAccessed = true,
        ReservedFaultReportsPresent = false,
        ReadModifyWriteReadsFirst = true,
        KeepsGlobalPages = false,
        FaultInvalidates = false,
        ImplicitHonoursAlignmentCheck = true,
        ChecksControlRegisters = false,
        ReservesPatBit = false,
        Pse36Width = 40,
        TaskSwitchAlwaysFlushes = true,
    };

    /// <summary>Bochs 2.7: PDPTE registers that reload too often, and A set only by walks that succeed.</summary>
    public static PagingOptions Bochs { get; } = new()
    {
        PdpteReloadCr0 = (Cr0)uint.MaxValue,
        PdpteReloadCr4 = Default.PdpteReloadCr4 | Cr4.SupervisorAccessPrevention | Cr4.ProtectionKeys
            | Cr4.ControlFlowEnforcement | Cr4.ProcessContextIdentifiers,
        PdpteLoadWidth = 40,
        FaultAccessedPolicy = FaultAccessedPolicy.None,
        ImplicitHonoursAlignmentCheck = true,
        ReservesPatBit = false,
        Pse36Width = 40,
        TaskSwitchPdpteFault = TaskSwitchPdpteFault.InvalidTss,
    };

    /// <summary>PDPTE registers or walk on demand.</summary>
    public PdpteMode PdpteMode { get; init; } = PdpteMode.Registers;

    /// <summary>
    /// CR0 bits whose change reloads the PDPTE registers while PAE paging is in use (Intel SDM vol. 3, 4.4.1); all 32 bits
    /// mean that every write reloads them.
    /// </summary>
    public Cr0 PdpteReloadCr0 { get; init; } = Cr0.Paging | Cr0.CacheDisable | Cr0.NotWriteThrough;

    /// <summary>CR4 bits whose change reloads the PDPTE registers while PAE paging is in use (Intel SDM vol. 3, 4.4.1).</summary>
    public Cr4 PdpteReloadCr4 { get; init; } =
        Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable | Cr4.PageSizeExtensions | Cr4.SupervisorExecutionPrevention;

    /// <summary>
    /// Width of physical addresses, 32 to 52 bits, that the check of a PDPTE load assumes; null for MAXPHYADDR. Bochs checks
    /// the 40 bits it was compiled for, whatever CPUID says.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside 32 to 52.</exception>
    public int? PdpteLoadWidth
    {
        get => _pdpteLoadWidth;
        init => _pdpteLoadWidth = value is null or (>= 32 and <= 52)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(PdpteLoadWidth), value, "A width of 32 to 52 bits, or null.");
    }

    /// <summary>Whether reserved bits count in a PDPTE with P = 0 (some processors; Intel SDM vol. 3, 4.4.1 footnote).</summary>
    public bool CheckReservedInNotPresentPdpte { get; init; }

    /// <summary>Whether bits 2:1 and 8:5 of a PDPTE are checked; QEMU does not.</summary>
    public bool ChecksLowPdpteBits { get; init; } = true;

    /// <summary>Whether a walk on demand sets bit 5 of the PDPTE in memory as if it were A; QEMU does.</summary>
    public bool SetsPdpteAccessed { get; init; }

    /// <summary>Whether the error code of a reserved-bit fault has P set; QEMU's since 7.2 has not.</summary>
    public bool ReservedFaultReportsPresent { get; init; } = true;

    /// <summary>Whether a faulting walk leaves A set in the PDE.</summary>
    public FaultAccessedPolicy FaultAccessedPolicy { get; init; } = FaultAccessedPolicy.PdeSet;

    /// <summary>What a permission miss in the TLB leads to.</summary>
    public TlbPermissionMiss TlbPermissionMiss { get; init; } = TlbPermissionMiss.Rewalk;

    /// <summary>Whether a page fault drops what is cached for its address (Intel SDM vol. 3, 4.10.4.1); QEMU keeps it.</summary>
    public bool FaultInvalidates { get; init; } = true;

    /// <summary>Whether global translations survive MOV CR3; QEMU drops them.</summary>
    public bool KeepsGlobalPages { get; init; } = true;

    /// <summary>Whether EFLAGS.AC lets an implicit supervisor access past SMAP; QEMU (below CPL 3) and Bochs let it.</summary>
    /// <remarks>The access says whether AC is set; for QEMU say so only at CPL 0 to 2.</remarks>
    public bool ImplicitHonoursAlignmentCheck { get; init; }

    /// <summary>Whether an unlocked read-modify-write is translated for reading first, and then for writing; QEMU does.</summary>
    public bool ReadModifyWriteReadsFirst { get; init; }

    /// <summary>Whether PG without PE and NW without CD raise #GP; QEMU accepts them.</summary>
    public bool ChecksControlRegisters { get; init; } = true;

    /// <summary>Whether the PAT bit of a leaf is reserved on a processor without PAT; in QEMU and Bochs it never is.</summary>
    public bool ReservesPatBit { get; init; } = true;

    /// <summary>
    /// Physical address width that decides the reserved bits of a 4-MiB page, 32 to 40; null for what PSE-36 and MAXPHYADDR say.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside 32 to 40.</exception>
    public int? Pse36Width
    {
        get => _pse36Width;
        init => _pse36Width = value is null or (>= 32 and <= 40)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Pse36Width), value, "A width of 32 to 40 bits, or null.");
    }

    /// <summary>What a task switch to a CR3 with a bad PDPTE leads to.</summary>
    public TaskSwitchPdpteFault TaskSwitchPdpteFault { get; init; } = TaskSwitchPdpteFault.GeneralProtection;

    /// <summary>Whether a task switch to the same CR3 flushes and reloads all the same; QEMU does.</summary>
    public bool TaskSwitchAlwaysFlushes { get; init; }
}

/// <summary>Where the page-directory-pointer-table entries used by a walk come from.</summary>
public enum PdpteMode : byte
{
    /// <summary>Four registers, loaded and checked when a control register is written (Intel; AMD without nested paging).</summary>
    Registers,

    /// <summary>Memory, on each walk; a bad entry is a page fault with RSVD when it is used (AMD under nested paging; QEMU).</summary>
    WalkOnDemand,
}

/// <summary>What a cached translation that does not allow an access leads to.</summary>
public enum TlbPermissionMiss : byte
{
    /// <summary>The tables are walked again before a fault is reported (AMD; QEMU and Bochs as measured).</summary>
    Rewalk,

    /// <summary>The fault is reported from the cached rights; the entry is dropped (Intel's freedom).</summary>
    FaultNow,
}

/// <summary>Whether a walk that ends in a fault leaves A set in the directory entry it went through.</summary>
public enum FaultAccessedPolicy : byte
{
    /// <summary>A is set in the PDE before the PTE is read (Intel SDM vol. 3, 6.15; QEMU).</summary>
    PdeSet,

    /// <summary>A is set only by a walk that succeeds (Bochs, KVM).</summary>
    None,
}

/// <summary>What a task switch to a CR3 with a bad PDPTE leads to; the manual does not say.</summary>
public enum TaskSwitchPdpteFault : byte
{
    /// <summary>#GP(0); CR3 and the PDPTE registers stay as they were (KVM).</summary>
    GeneralProtection,

    /// <summary>#TS(0) after CR3 has been loaded; the PDPTE registers are all zero then (Bochs).</summary>
    InvalidTss,
}
