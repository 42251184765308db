// Control-register bits with a meaning to the paging unit. Intel SDM vol. 3, 2.5 and 4.1.

namespace X86Pae.Paging;

/// <summary>The defined bits of CR0 (Intel SDM vol. 3, 2.5).</summary>
[Flags]
public enum Cr0 : uint
{
    /// <summary>No bit.</summary>
    None = 0,

    /// <summary>PE: protected mode.</summary>
    ProtectionEnable = 1u << 0,

    /// <summary>MP.</summary>
    MonitorCoprocessor = 1u << 1,

    /// <summary>EM.</summary>
    Emulation = 1u << 2,

    /// <summary>TS.</summary>
    TaskSwitched = 1u << 3,

    /// <summary>ET: always reads as 1.</summary>
    ExtensionType = 1u << 4,

    /// <summary>NE.</summary>
    NumericError = 1u << 5,

    /// <summary>WP: supervisor writes respect R/W.</summary>
    WriteProtect = 1u << 16,

    /// <summary>AM.</summary>
    AlignmentMask = 1u << 18,

    /// <summary>NW.</summary>
    NotWriteThrough = 1u << 29,

    /// <summary>CD.</summary>
    CacheDisable = 1u << 30,

    /// <summary>PG: paging.</summary>
    Paging = 1u << 31,
}

/// <summary>Bits of CR4 (Intel SDM vol. 3, 2.5).</summary>
[Flags]
public enum Cr4 : uint
{
    /// <summary>No bit.</summary>
    None = 0,

    /// <summary>VME.</summary>
    Virtual8086Extensions = 1u << 0,

    /// <summary>PVI.</summary>
    ProtectedModeVirtualInterrupts = 1u << 1,

    /// <summary>TSD.</summary>
    TimeStampDisable = 1u << 2,

    /// <summary>DE.</summary>
    DebuggingExtensions = 1u << 3,

    /// <summary>PSE: 4-MiB pages in two-level paging; no effect with PAE, but a change reloads the PDPTEs.</summary>
    PageSizeExtensions = 1u << 4,

    /// <summary>PAE: three-level paging with 64-bit entries.</summary>
    PhysicalAddressExtension = 1u << 5,

    /// <summary>MCE.</summary>
    MachineCheckEnable = 1u << 6,

    /// <summary>PGE: the G flag of leaf entries counts.</summary>
    PageGlobalEnable = 1u << 7,

    /// <summary>PCE.</summary>
    PerformanceCounterEnable = 1u << 8,

    /// <summary>OSFXSR.</summary>
    OsFxsr = 1u << 9,

    /// <summary>OSXMMEXCPT.</summary>
    OsXmmExceptions = 1u << 10,

    /// <summary>UMIP.</summary>
    UserModeInstructionPrevention = 1u << 11,

    /// <summary>FSGSBASE.</summary>
    FsGsBase = 1u << 16,

    /// <summary>PCIDE: cannot be set outside long mode.</summary>
    ProcessContextIdentifiers = 1u << 17,

    /// <summary>OSXSAVE.</summary>
    OsXsave = 1u << 18,

    /// <summary>SMEP: no supervisor fetch from user-mode addresses.</summary>
    SupervisorExecutionPrevention = 1u << 20,

    /// <summary>SMAP: no supervisor data access to user-mode addresses unless EFLAGS.AC allows it.</summary>
    SupervisorAccessPrevention = 1u << 21,

    /// <summary>PKE: settable where enumerated, without effect on PAE paging.</summary>
    ProtectionKeys = 1u << 22,

    /// <summary>CET: settable where enumerated; excludes CR0.WP = 0.</summary>
    ControlFlowEnforcement = 1u << 23,
}

/// <summary>Bits of IA32_EFER, MSR C000_0080h, that a 32-bit processor has.</summary>
[Flags]
public enum Efer : uint
{
    /// <summary>No bit.</summary>
    None = 0,

    /// <summary>SCE.</summary>
    SystemCallExtensions = 1u << 0,

    /// <summary>NXE: bit 63 of PAE PDEs and PTEs is XD.</summary>
    ExecuteDisableEnable = 1u << 11,
}
