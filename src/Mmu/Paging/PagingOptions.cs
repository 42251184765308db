namespace X86Pae.Paging;

/// <summary>Choices that the architecture leaves open, and deviations of other emulators.</summary>
/// <remarks>
/// The defaults follow the Intel SDM, and Intel's processors where the manual says nothing. <see cref="Qemu"/> and
/// <see cref="Bochs"/> make the MMU behave as those emulators were measured to behave, so that runs can be compared.
/// </remarks>
public sealed record PagingOptions
{
    private readonly int? _pdpteLoadWidth;
    private readonly int? _pse36Width;

    /// <summary>The Intel SDM, with its recommended choice where it leaves one.</summary>
    public static PagingOptions Default { get; } = new();

    /// <summary>QEMU 7.2 TCG: PDPTEs are read from memory on each walk, and several checks are missing.</summary>
    /// <remarks>Its MAXPHYADDR is 40, 36 or 32, depending on the CPU model: set <see cref="CpuFeatures.MaxPhyAddr"/>.</remarks>
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

    /// <summary>Bochs 2.7: more writes than necessary load the PDPTE registers, and only walks that succeed set A.</summary>
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

    /// <summary>Whether PDPTEs come from registers or are read from memory on each walk.</summary>
    public PdpteMode PdpteMode { get; init; } = PdpteMode.Registers;

    /// <summary>
    /// CR0 bits whose change loads the PDPTE registers while PAE paging is in use (Intel SDM vol. 3, 4.4.1). If all 32 bits are
    /// set, every write loads them.
    /// </summary>
    public Cr0 PdpteReloadCr0 { get; init; } = Cr0.Paging | Cr0.CacheDisable | Cr0.NotWriteThrough;

    /// <summary>CR4 bits whose change loads the PDPTE registers while PAE paging is in use (Intel SDM vol. 3, 4.4.1).</summary>
    public Cr4 PdpteReloadCr4 { get; init; } =
        Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable | Cr4.PageSizeExtensions | Cr4.SupervisorExecutionPrevention;

    /// <summary>
    /// Width of physical addresses in bits, 32 to 52, that decides the reserved bits of a PDPTE when it is loaded; null for
    /// MAXPHYADDR. Bochs always takes the 40 bits it was compiled for.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside 32 to 52.</exception>
    public int? PdpteLoadWidth
    {
        get => _pdpteLoadWidth;
        init => _pdpteLoadWidth = value is null or (>= 32 and <= 52)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(PdpteLoadWidth), value, "A width of 32 to 52 bits, or null.");
    }

    /// <summary>
    /// Whether a PDPTE with P = 0 is checked for reserved bits, as on some processors (Intel SDM vol. 3, 4.4.1, footnote).
    /// </summary>
    public bool CheckReservedInNotPresentPdpte { get; init; }

    /// <summary>Whether bits 2:1 and 8:5 of a PDPTE are checked. QEMU does not check them.</summary>
    public bool ChecksLowPdpteBits { get; init; } = true;

    /// <summary>Whether a walk that reads a PDPTE from memory sets its bit 5, as if it were A. QEMU sets it.</summary>
    public bool SetsPdpteAccessed { get; init; }

    /// <summary>Whether the error code of a reserved-bit fault has P set. QEMU's has not since 7.2.</summary>
    public bool ReservedFaultReportsPresent { get; init; } = true;

    /// <summary>Whether a walk that ends in a fault leaves A set in the PDE.</summary>
    public FaultAccessedPolicy FaultAccessedPolicy { get; init; } = FaultAccessedPolicy.PdeSet;

    /// <summary>What an access leads to if its cached translation does not allow it.</summary>
    public TlbPermissionMiss TlbPermissionMiss { get; init; } = TlbPermissionMiss.Rewalk;

    /// <summary>
    /// Whether a page fault drops the translations of its address (Intel SDM vol. 3, 4.10.4.1). QEMU keeps them.
    /// </summary>
    public bool FaultInvalidates { get; init; } = true;

    /// <summary>Whether global translations survive MOV to CR3. QEMU drops them.</summary>
    public bool KeepsGlobalPages { get; init; } = true;

    /// <summary>
    /// Whether EFLAGS.AC lets an implicit supervisor access past SMAP, as in Bochs and, at CPL 0 to 2, in QEMU.
    /// </summary>
    /// <remarks>To imitate QEMU, set the access's <c>alignmentCheck</c> at CPL 0 to 2 only.</remarks>
    public bool ImplicitHonoursAlignmentCheck { get; init; }

    /// <summary>Whether an unlocked read-modify-write is translated as a read first and then as a write, as in QEMU.</summary>
    public bool ReadModifyWriteReadsFirst { get; init; }

    /// <summary>Whether setting PG without PE or NW without CD in CR0 raises #GP(0). QEMU accepts both.</summary>
    public bool ChecksControlRegisters { get; init; } = true;

    /// <summary>
    /// Whether the PAT bit of a leaf is reserved on a processor without PAT. In QEMU and Bochs it is never reserved.
    /// </summary>
    public bool ReservesPatBit { get; init; } = true;

    /// <summary>
    /// Width of physical addresses in bits, 32 to 40, that decides the reserved bits of a 4-MiB page; null for the width that
    /// PSE-36 and MAXPHYADDR give.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside 32 to 40.</exception>
    public int? Pse36Width
    {
        get => _pse36Width;
        init => _pse36Width = value is null or (>= 32 and <= 40)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Pse36Width), value, "A width of 32 to 40 bits, or null.");
    }

    /// <summary>The exception of a task switch whose new CR3 leads to a PDPTE with a reserved bit.</summary>
    public TaskSwitchPdpteFault TaskSwitchPdpteFault { get; init; } = TaskSwitchPdpteFault.GeneralProtection;

    /// <summary>
    /// Whether a task switch that does not change CR3 flushes and loads PDPTEs as one that does. In QEMU it does.
    /// </summary>
    public bool TaskSwitchAlwaysFlushes { get; init; }
}

/// <summary>Where a walk takes its page-directory-pointer-table entry from.</summary>
public enum PdpteMode : byte
{
    /// <summary>
    /// From four registers, which a write to a control register loads and checks (Intel; AMD without nested paging).
    /// </summary>
    Registers,

    /// <summary>
    /// From memory. Using an entry with a reserved bit is a page fault with RSVD (AMD with nested paging; QEMU).
    /// </summary>
    WalkOnDemand,
}

/// <summary>What an access leads to if its cached translation does not allow it.</summary>
public enum TlbPermissionMiss : byte
{
    /// <summary>The tables are walked before a fault is reported (AMD; QEMU and Bochs as measured).</summary>
    Rewalk,

    /// <summary>The fault is reported by the cached rights, and the translation is dropped (Intel allows it).</summary>
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

/// <summary>
/// The exception of a task switch whose new CR3 leads to a PDPTE with a reserved bit; the manual does not define it.
/// </summary>
public enum TaskSwitchPdpteFault : byte
{
    /// <summary>#GP(0). CR3 and the PDPTE registers stay as they were (KVM).</summary>
    GeneralProtection,

    /// <summary>#TS(0). CR3 has been loaded, and the PDPTE registers are all zero (Bochs).</summary>
    InvalidTss,
}
