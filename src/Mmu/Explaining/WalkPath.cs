using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>One way from a linear address to a page, and what it comes to.</summary>
public sealed record WalkPath
{
    /// <summary>The entries it goes through, from the top; none while paging is off.</summary>
    public required IReadOnlyList<ExplainedEntry> Entries { get; init; }

    /// <summary>Where it leads, whoever asks: the page, or a fault for an entry that is not present or not valid.</summary>
    public required WalkResult Translation { get; init; }

    /// <summary>What the access comes to on this way, rights included.</summary>
    public required WalkResult Result { get; init; }

    /// <summary>Every rule that refuses the access; empty where it succeeds.</summary>
    public required IReadOnlyList<FaultReason> Reasons { get; init; }
}
