using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Walks;

/// <summary>The entries that a case of the walk vectors sets and looks at.</summary>
/// <param name="Pdpte">Page-directory-pointer-table entry.</param>
/// <param name="Pde">Page-directory entry.</param>
/// <param name="Pte">Page-table entry; unused where <paramref name="Pde"/> maps a 2-MiB page.</param>
/// <param name="NextPte">The following page-table entry, for an access that crosses into the next page.</param>
internal readonly record struct PathEntries(ulong Pdpte, ulong Pde, ulong Pte, ulong NextPte);

/// <summary>One access of the walk vectors and the state it is made in: the input columns.</summary>
/// <param name="WriteProtect">CR0.WP.</param>
/// <param name="Smep">CR4.SMEP.</param>
/// <param name="Smap">CR4.SMAP.</param>
/// <param name="NoExecute">EFER.NXE.</param>
/// <param name="GlobalPages">CR4.PGE.</param>
/// <param name="AlignmentCheck">EFLAGS.AC.</param>
/// <param name="Linear">Linear byte address.</param>
/// <param name="Kind">A 4-byte load, a 4-byte store, or the fetch of a 1-byte instruction.</param>
/// <param name="Mode">CPL 3, or explicit at CPL 0.</param>
/// <param name="Entries">The path before the access.</param>
internal readonly record struct WalkInput(
    bool WriteProtect,
    bool Smep,
    bool Smap,
    bool NoExecute,
    bool GlobalPages,
    bool AlignmentCheck,
    uint Linear,
    SpecKind Kind,
    SpecMode Mode,
    PathEntries Entries)
{
    /// <summary>Number of bytes accessed.</summary>
    public int SizeInBytes => Kind == SpecKind.Fetch ? 1 : 4;

    /// <summary>The access.</summary>
    public SpecAccess Access => new(Kind, Mode, AlignmentCheck);

    /// <summary>The input columns as <c>name=value</c>.</summary>
    public override string ToString() =>
        $"cr0_wp={Bit(WriteProtect)} cr4_smep={Bit(Smep)} cr4_smap={Bit(Smap)} efer_nxe={Bit(NoExecute)} "
        + $"cr4_pge={Bit(GlobalPages)} eflags_ac={Bit(AlignmentCheck)} linear={Linear:x8} "
        + $"access={(Kind switch { SpecKind.Read => 'r', SpecKind.Write => 'w', _ => 'x' })} "
        + $"mode={(Mode == SpecMode.User ? 'u' : 's')} pdpte={Entries.Pdpte:x16} pde={Entries.Pde:x16} "
        + $"pte={Entries.Pte:x16} next_pte={Entries.NextPte:x16}";

    private static char Bit(bool value) => value ? '1' : '0';
}

/// <summary>How a case of the walk vectors ends.</summary>
internal enum WalkEnding
{
    /// <summary>The access succeeds.</summary>
    Ok,

    /// <summary>The access raises a page fault.</summary>
    PageFault,

    /// <summary>The CR3 load before the access raises #GP, because a PDPTE has a reserved bit set.</summary>
    GeneralProtection,
}

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

/// <summary>One row of a file of walk vectors.</summary>
/// <param name="Number">Number of the case.</param>
/// <param name="Input">The access to make.</param>
/// <param name="Expected">What was recorded.</param>
internal readonly record struct WalkVector(int Number, WalkInput Input, WalkOutcome Expected);
