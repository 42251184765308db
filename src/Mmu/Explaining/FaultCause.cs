namespace X86Pae.Explaining;

/// <summary>A rule that refuses an access.</summary>
public enum FaultCause : byte
{
    /// <summary>P = 0.</summary>
    NotPresent,

    /// <summary>A reserved bit is set in a present entry.</summary>
    ReservedBits,

    /// <summary>A user access where U/S = 0.</summary>
    SupervisorPage,

    /// <summary>A user write where R/W = 0.</summary>
    ReadOnlyPage,

    /// <summary>A supervisor write where R/W = 0, while CR0.WP = 1.</summary>
    WriteProtect,

    /// <summary>An instruction fetch where XD = 1.</summary>
    ExecuteDisable,

    /// <summary>A supervisor fetch from a user-mode address, while CR4.SMEP = 1.</summary>
    ExecutionPrevention,

    /// <summary>A supervisor data access to a user-mode address, while CR4.SMAP = 1 and EFLAGS.AC does not help.</summary>
    AccessPrevention,
}
