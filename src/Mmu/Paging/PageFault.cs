namespace X86Pae.Paging;

/// <summary>A page fault to deliver: a result, never an exception of the host.</summary>
/// <param name="ErrorCode">The error code to push.</param>
/// <param name="Cr2">The linear byte address to put into CR2; for the second page of a crossing access, its first byte.</param>
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
    /// <summary>A supervisor-mode read of a page that is not present.</summary>
    None = 0,

    /// <summary>P: every entry used was present.</summary>
    Present = 1 << 0,

    /// <summary>W/R: the access was a write.</summary>
    Write = 1 << 1,

    /// <summary>U/S: the access was a user-mode access.</summary>
    User = 1 << 2,

    /// <summary>RSVD: a reserved bit was set in an entry used.</summary>
    Reserved = 1 << 3,

    /// <summary>I/D: the access was an instruction fetch, reported only with SMEP or with NXE under PAE.</summary>
    Fetch = 1 << 4,
}

/// <summary>The exception that a privileged instruction raises instead of doing its work.</summary>
public enum InstructionFault : byte
{
    /// <summary>None; it is done.</summary>
    None,

    /// <summary>#UD: the processor does not have the instruction.</summary>
    UndefinedOpcode,

    /// <summary>#GP(0): its operands are not legal.</summary>
    GeneralProtection,
}

/// <summary>What became of the CR3 load of a task switch.</summary>
public enum TaskSwitchLoad : byte
{
    /// <summary>Done, or nothing to do.</summary>
    Done,

    /// <summary>A bad PDPTE: deliver #GP(0).</summary>
    GeneralProtection,

    /// <summary>A bad PDPTE: deliver #TS(0) in the context of the new task.</summary>
    InvalidTss,
}
