namespace X86Pae.Lab.Experiments;

/// <summary>What the other logical processor of a core is doing.</summary>
public enum SiblingState
{
    /// <summary>There is none: SMT is off.</summary>
    None,

    /// <summary>Nothing.</summary>
    Idle,

    /// <summary>The same as the one that is measured, on pages of its own.</summary>
    Busy,
}
