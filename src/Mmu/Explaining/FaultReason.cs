using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>A reason why an access faults: one rule, and one entry that breaks it.</summary>
/// <param name="Cause">The rule.</param>
/// <param name="Level">
/// Level of the entry. It is the leaf for SMEP and SMAP, which look at all entries together, and for a fault that a cached
/// translation reports.
/// </param>
/// <param name="ReservedBits">
/// A mask of the reserved bits that are set; 0 unless the cause is <see cref="FaultCause.ReservedBits"/>.
/// </param>
/// <param name="Section">Section of the Intel SDM, volume 3, that has the rule, in the numbering of revision 059.</param>
public readonly record struct FaultReason(FaultCause Cause, WalkLevel Level, ulong ReservedBits, string Section)
{
    /// <summary>Gives entry, rule and section in one line.</summary>
    public override string ToString() => $"{EntryText.NameOf(Level)}: {Rule} [SDM 3, {Section}]";

    private string Rule => Cause switch
    {
        FaultCause.NotPresent => "P = 0, and the other bits are not looked at",
        FaultCause.ReservedBits => $"reserved bits set: {EntryText.Bits(ReservedBits)}",
        FaultCause.SupervisorPage => "U/S = 0, and a user access needs 1 at every level",
        FaultCause.ReadOnlyPage => "R/W = 0, and a user write needs 1 at every level, whatever CR0.WP is",
        FaultCause.WriteProtect => "R/W = 0, and with CR0.WP = 1 a supervisor write needs 1 at every level",
        FaultCause.ExecuteDisable => "XD = 1, and a fetch needs 0 at every level",
        FaultCause.ExecutionPrevention => "U/S = 1 at every level, and CR4.SMEP = 1 refuses supervisor fetches from user-mode "
            + "addresses",
        _ => "U/S = 1 at every level, and CR4.SMAP = 1 refuses supervisor data accesses to user-mode addresses unless they "
            + "are explicit and EFLAGS.AC = 1",
    };
}

/// <summary>A rule that an access can break.</summary>
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
