using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>Why an access to a linear address comes to what it comes to; <see cref="ToString"/> gives it as text.</summary>
/// <remarks>A picture of one moment: it does not follow later changes to registers, tables or caches.</remarks>
public sealed record WalkExplanation
{
    /// <summary>The linear byte address.</summary>
    public required uint Linear { get; init; }

    /// <summary>What would be done, and by whom.</summary>
    public required Access Access { get; init; }

    /// <summary>The control state.</summary>
    public required ControlValues Control { get; init; }

    /// <summary>The walk of the tables as they are in memory, below the PDPTE registers where the processor has them.</summary>
    public required WalkPath Tables { get; init; }

    /// <summary>The PDPTE as it is in memory; null where none is used, or where the walk reads it from there anyway.</summary>
    public required ulong? PdpteInMemory { get; init; }

    /// <summary>What the translation caches hold for the address; null where there are none to look at.</summary>
    public required CacheContents? Caches { get; init; }

    /// <summary>The walk from the cached page-directory entry; null where none is held.</summary>
    public required WalkPath? FromPdeCache { get; init; }

    /// <summary>What decides the access.</summary>
    public required TranslationSource Source { get; init; }

    /// <summary>What the access comes to: the physical address, or the page fault to deliver.</summary>
    public required WalkResult Result { get; init; }

    /// <summary>Every rule that refuses the access; empty where it succeeds.</summary>
    public required IReadOnlyList<FaultReason> Reasons { get; init; }

    /// <summary>Likely mistakes.</summary>
    public required IReadOnlyList<Hint> Hints { get; init; }

    /// <summary>Whether the PDPTE register and the PDPTE in memory differ.</summary>
    public bool PdpteIsStale => PdpteInMemory is { } pdpte && pdpte != Tables.Entries[0].Raw;

    /// <summary>The explanation as text.</summary>
    /// <returns>ASCII lines of at most 110 columns with a line feed between them, and none at the end.</returns>
    public override string ToString() => ExplanationText.Of(this);
}

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

/// <summary>What decides an access.</summary>
public enum TranslationSource : byte
{
    /// <summary>CR0.PG = 0: nothing is translated.</summary>
    Identity,

    /// <summary>A walk of the tables in memory.</summary>
    Tables,

    /// <summary>A walk that begins at a cached page-directory entry.</summary>
    PdeCache,

    /// <summary>A cached translation.</summary>
    Tlb,
}
