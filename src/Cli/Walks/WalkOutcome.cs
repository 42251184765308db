namespace X86Pae.Cli.Walks;

/// <summary>What comes of one access: the columns that the vectors expect.</summary>
/// <param name="Ending">How it ends.</param>
/// <param name="ErrorCode">Error code of the page fault, else 0.</param>
/// <param name="Cr2">CR2, 0 before the access.</param>
/// <param name="Frame">Physical address of the page that a load reaches; null where none was observed.</param>
/// <param name="Entries">The path after the access.</param>
internal readonly record struct WalkOutcome(WalkEnding Ending, uint ErrorCode, uint Cr2, ulong? Frame, PathEntries Entries)
{
    /// <summary>Whether this is what was recorded; a frame that was not observed may be any.</summary>
    /// <param name="recorded">The expected columns.</param>
    public bool Matches(in WalkOutcome recorded) =>
        (recorded.Frame is null ? this with { Frame = null } : this) == recorded;

    /// <summary>The expected columns as <c>name=value</c>.</summary>
    public override string ToString() =>
        $"outcome={(Ending switch { WalkEnding.Ok => "ok", WalkEnding.PageFault => "pf", _ => "gp" })} error_code={ErrorCode:x} "
        + $"cr2={Cr2:x8} frame={(Frame is ulong frame ? $"{frame:x}" : "-")} pdpte={Entries.Pdpte:x16} "
        + $"pde={Entries.Pde:x16} pte={Entries.Pte:x16} next_pte={Entries.NextPte:x16}";
}
