namespace X86Pae.Paging;

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
