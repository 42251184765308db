namespace X86Pae.Tests.Specification;

/// <summary>Outcome of a translation: a fault with its error code and CR2, or an address with its attributes.</summary>
internal readonly record struct SpecOutcome
{
    public bool IsFault { get; init; }

    public uint ErrorCode { get; init; }

    public uint Cr2 { get; init; }

    public ulong PhysicalAddress { get; init; }

    public bool User { get; init; }

    public bool Writable { get; init; }

    public bool ExecuteDisable { get; init; }

    /// <summary>4 * PAT + 2 * PCD + PWT of the leaf (3.4).</summary>
    public int PatIndex { get; init; }

    public bool Dirty { get; init; }

    public bool Global { get; init; }

    public bool LargePage { get; init; }
}
