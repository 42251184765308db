using X86Pae.Paging;

namespace X86Pae.Cli.Walks;

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
    AccessKind Kind,
    AccessMode Mode,
    PathEntries Entries)
{
    /// <summary>Number of bytes accessed.</summary>
    public int SizeInBytes => Kind == AccessKind.Fetch ? 1 : 4;

    /// <summary>The input columns as <c>name=value</c>.</summary>
    public override string ToString() =>
        $"cr0_wp={Bit(WriteProtect)} cr4_smep={Bit(Smep)} cr4_smap={Bit(Smap)} efer_nxe={Bit(NoExecute)} "
        + $"cr4_pge={Bit(GlobalPages)} eflags_ac={Bit(AlignmentCheck)} linear={Linear:x8} "
        + $"access={(Kind switch { AccessKind.Read => 'r', AccessKind.Write => 'w', _ => 'x' })} "
        + $"mode={(Mode == AccessMode.User ? 'u' : 's')} pdpte={Entries.Pdpte:x16} pde={Entries.Pde:x16} "
        + $"pte={Entries.Pte:x16} next_pte={Entries.NextPte:x16}";

    private static char Bit(bool value) => value ? '1' : '0';
}
