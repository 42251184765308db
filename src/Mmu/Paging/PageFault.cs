namespace X86Pae.Paging;

/// <summary>A page fault of the guest. It is a result of an access, never an exception of the host.</summary>
/// <param name="ErrorCode">The error code that the processor pushes.</param>
/// <param name="Cr2">
/// The linear byte address for CR2: that of the access, or the first byte of the second page of an access that crosses a page.
/// </param>
public readonly record struct PageFault(PageFaultErrorCode ErrorCode, uint Cr2);

// #PF error code as pushed by the processor. Intel SDM vol. 3, 4.7 and 6.15.
//
//   31      7   6    5    4     3     2     1     0
//  +---------+----+----+-----+------+-----+-----+---+
//  |    0    | SS | PK | I/D | RSVD | U/S | W/R | P |
//  +---------+----+----+-----+------+-----+-----+---+
//
//  RSVD implies P. W/R, U/S and I/D say what the access was, not what was wrong. PK and SS stay 0 without protection keys
//  and CET, which PAE paging does not have.

/// <summary>The error code of a page fault (Intel SDM vol. 3, 4.7).</summary>
[Flags]
public enum PageFaultErrorCode : byte
{
    /// <summary>No bit: a supervisor-mode read of a page that is not present.</summary>
    None = 0,

    /// <summary>P: every entry on the walk was present. While it is clear, an entry had P = 0.</summary>
    Present = 1 << 0,

    /// <summary>W/R: the access was a write.</summary>
    Write = 1 << 1,

    /// <summary>U/S: the access was a user-mode access.</summary>
    User = 1 << 2,

    /// <summary>RSVD: a reserved bit was set in a present entry.</summary>
    Reserved = 1 << 3,

    /// <summary>I/D: the access was an instruction fetch, reported only with SMEP or with NXE under PAE.</summary>
    Fetch = 1 << 4,
}

/// <summary>The exception that a privileged instruction raises instead of being executed.</summary>
public enum InstructionFault : byte
{
    /// <summary>None: the instruction has been executed.</summary>
    None,

    /// <summary>#UD: the processor does not have the instruction.</summary>
    UndefinedOpcode,

    /// <summary>#GP(0): an operand is not legal.</summary>
    GeneralProtection,
}

/// <summary>The outcome of the CR3 load of a task switch.</summary>
public enum TaskSwitchLoad : byte
{
    /// <summary>CR3 has been loaded, or did not have to be.</summary>
    Done,

    /// <summary>A PDPTE has a reserved bit: deliver #GP(0).</summary>
    GeneralProtection,

    /// <summary>A PDPTE has a reserved bit: deliver #TS(0) in the context of the new task.</summary>
    InvalidTss,
}
