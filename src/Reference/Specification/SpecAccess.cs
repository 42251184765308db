namespace X86Pae.Reference.Specification;

/// <summary>What an access does.</summary>
public enum SpecKind
{
    /// <summary>A load.</summary>
    Read,

    /// <summary>A store.</summary>
    Write,

    /// <summary>The fetch of an instruction.</summary>
    Fetch,

    /// <summary>A load and a store in one, which is a write from the start.</summary>
    ReadModifyWrite,
}

/// <summary>On whose behalf an access is made (Intel SDM vol. 3, 4.6.1).</summary>
public enum SpecMode
{
    /// <summary>CPL 3.</summary>
    User,

    /// <summary>CPL 0, 1 or 2.</summary>
    Supervisor,

    /// <summary>The processor itself, for a descriptor or a task state, at any CPL.</summary>
    SupervisorImplicit,
}

/// <summary>An access as paging sees it.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Mode">On whose behalf.</param>
/// <param name="AlignmentCheck">EFLAGS.AC, which lets an explicit supervisor access past SMAP.</param>
public readonly record struct SpecAccess(SpecKind Kind, SpecMode Mode, bool AlignmentCheck)
{
    /// <summary>Whether it is a write; a read-modify-write is one.</summary>
    public bool IsWrite => Kind is SpecKind.Write or SpecKind.ReadModifyWrite;

    /// <summary>Whether it fetches an instruction.</summary>
    public bool IsFetch => Kind == SpecKind.Fetch;

    /// <summary>Whether it is the user's; implicit accesses are the supervisor's at any CPL.</summary>
    public bool IsUser => Mode == SpecMode.User;
}
