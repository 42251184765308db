using X86Pae.Tlb;

namespace X86Pae.Timing;

/// <summary>What logical processors of one core have of an array, as a CPU model describes it.</summary>
public sealed record TlbSharing
{
    /// <summary>What they have of it while both are in use.</summary>
    public required SiblingSharing Mode { get; init; }

    /// <summary>How it is known.</summary>
    public required Confidence Confidence { get; init; }

    /// <summary>Where it comes from.</summary>
    public required string Source { get; init; }
}
