// Control-register bits with a meaning to the paging unit. Intel SDM vol. 3, 2.5 and 4.1.

namespace X86Pae.Paging;

/// <summary>CR0, as far as paging and its legality rules see it.</summary>
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
