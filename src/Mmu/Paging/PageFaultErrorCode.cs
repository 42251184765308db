// #PF error code as pushed by the processor. Intel SDM vol. 3, 4.7 and 6.15.
//
//   31      7   6    5    4     3     2     1     0
//  +---------+----+----+-----+------+-----+-----+---+
//  |    0    | SS | PK | I/D | RSVD | U/S | W/R | P |
//  +---------+----+----+-----+------+-----+-----+---+
//
//  RSVD implies P. W/R, U/S and I/D say what the access was, not what was wrong. PK and SS stay 0 without protection keys
//  and CET, which PAE paging does not have.

namespace X86Pae.Paging;

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
