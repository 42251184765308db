namespace X86Pae.Specification;

/// <summary>The end of a walk: what stops it, or the page that the leaf entry and the directory entry describe together.</summary>
public readonly record struct SpecPage
{
    public SpecProblem Problem { get; init; }

    /// <summary>Where the leaf entry is.</summary>
    public ulong LeafAddress { get; init; }

    public ulong PhysicalAddress { get; init; }

    public bool User { get; init; }

    public bool Writable { get; init; }

    public bool ExecuteDisable { get; init; }

    public int PatIndex { get; init; }

    /// <summary>A of the leaf.</summary>
    public bool Accessed { get; init; }

    /// <summary>D of the leaf.</summary>
    public bool Dirty { get; init; }

    public bool Global { get; init; }

    public bool Large { get; init; }
}
