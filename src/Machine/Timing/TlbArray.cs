using X86Pae.Tlb;

namespace X86Pae.Timing;

/// <summary>One array of translations as a CPU model describes it.</summary>
public sealed record TlbArray
{
    /// <summary>Number of entries.</summary>
    public required int Entries { get; init; }

    /// <summary>Associativity; as many as entries where it is full.</summary>
    public required int Ways { get; init; }

    /// <summary>Which entry makes room for a new one.</summary>
    public Replacement Replacement { get; init; }

    /// <summary>How a page number selects a set.</summary>
    public SetIndex Index { get; init; }

    /// <summary>What logical processors of one core have of it; null: they share it.</summary>
    public TlbSharing? Siblings { get; init; }

    /// <summary>How the shape is known.</summary>
    public required Confidence Confidence { get; init; }

    /// <summary>Where it comes from.</summary>
    public required string Source { get; init; }

    /// <summary>Smallest number of entries to sweep; null where nothing is to be swept.</summary>
    public int? Low { get; init; }

    /// <summary>Largest number of entries to sweep; null where nothing is to be swept.</summary>
    public int? High { get; init; }

    /// <summary>The shape that the MMU is built with.</summary>
    internal TlbGeometry Geometry => new(Entries / Ways, Ways, Replacement, Index)
    {
        Siblings = Siblings?.Mode ?? SiblingSharing.Shared,
    };

    /// <summary>The same array with another number of entries; where it is fully associative it stays so.</summary>
    internal TlbArray WithEntries(int entries) =>
        this with { Entries = entries, Ways = Ways == Entries ? entries : Ways };
}
