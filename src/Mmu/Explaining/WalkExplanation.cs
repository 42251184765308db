using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>
/// The result of an access to a linear address, and everything that led to it; <see cref="ToString"/> gives it as text.
/// </summary>
/// <remarks>It shows one moment and does not follow later changes to registers, tables or caches.</remarks>
public sealed record WalkExplanation
{
    internal WalkExplanation(ControlValues control) => Control = control;

    /// <summary>The linear byte address.</summary>
    public required uint Linear { get; init; }

    /// <summary>What the access does, and on whose behalf.</summary>
    public required Access Access { get; init; }

    /// <summary>
    /// The walk of the tables in memory; it begins with the PDPTE register on a processor that has PDPTE registers.
    /// </summary>
    public required WalkPath Tables { get; init; }

    /// <summary>The PDPTE in memory, to compare with the register; null where the walk uses no PDPTE register.</summary>
    public required ulong? PdpteInMemory { get; init; }

    /// <summary>The cached translations of the address; null in an explanation from registers and memory alone.</summary>
    public required CacheContents? Caches { get; init; }

    /// <summary>The walk that begins at the cached page-directory entry; null where none is cached.</summary>
    public required WalkPath? FromPdeCache { get; init; }

    /// <summary>What decides the access: a cached translation, a walk, or nothing but the address while paging is off.</summary>
    public required TranslationSource Source { get; init; }

    /// <summary>The result of the access: the physical address, or the page fault to deliver.</summary>
    public required WalkResult Result { get; init; }

    /// <summary>Every rule that refuses the access; empty where it succeeds.</summary>
    public required IReadOnlyList<FaultReason> Reasons { get; init; }

    /// <summary>Likely mistakes in registers, tables and flushes, the most fundamental first.</summary>
    public required IReadOnlyList<Hint> Hints { get; init; }

    /// <summary>
    /// Whether the PDPTE register differs from the PDPTE in memory; false where the walk uses no PDPTE register.
    /// </summary>
    public bool PdpteIsStale => PdpteInMemory is { } pdpte && pdpte != Tables.Entries[0].Raw;

    /// <summary>The control registers, for the text.</summary>
    internal ControlValues Control { get; }

    /// <summary>Gives the explanation as text.</summary>
    /// <returns>ASCII lines of at most 110 columns with a line feed between them, and none at the end.</returns>
    public override string ToString() => ExplanationText.Of(this);
}

/// <summary>One way from a linear address to its page, and its result for the access.</summary>
public sealed record WalkPath
{
    internal WalkPath()
    {
    }

    /// <summary>The entries on the way, from the top down; none while paging is off.</summary>
    public required IReadOnlyList<ExplainedEntry> Entries { get; init; }

    /// <summary>
    /// The result without regard to rights: the page, or a fault for an entry that is not present or has a reserved bit.
    /// </summary>
    public required WalkResult Translation { get; init; }

    /// <summary>The result for the access, rights included.</summary>
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
