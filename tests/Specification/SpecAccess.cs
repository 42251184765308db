namespace X86Pae.Specification;

/// <summary>An access as the specification sees it.</summary>
public readonly record struct SpecAccess(SpecKind Kind, SpecMode Mode, bool AlignmentCheck)
{
    /// <summary>A read-modify-write is a write from the start (7.3).</summary>
    public bool IsWrite => Kind is SpecKind.Write or SpecKind.ReadModifyWrite;

    public bool IsFetch => Kind == SpecKind.Fetch;

    /// <summary>Implicit accesses are supervisor accesses at any CPL.</summary>
    public bool IsUser => Mode == SpecMode.User;
}
