using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>The control state that a translation depends on.</summary>
public sealed record ControlValues
{
    /// <summary>How linear addresses become physical ones.</summary>
    public required PagingMode Mode { get; init; }

    /// <summary>CR0.</summary>
    public required Cr0 Cr0 { get; init; }

    /// <summary>CR3 as it was written.</summary>
    public required uint Cr3 { get; init; }

    /// <summary>CR4.</summary>
    public required Cr4 Cr4 { get; init; }

    /// <summary>IA32_EFER.</summary>
    public required Efer Efer { get; init; }

    /// <summary>Where walks take PDPTEs from.</summary>
    public required PdpteMode PdpteMode { get; init; }

    /// <summary>MAXPHYADDR.</summary>
    public required int MaxPhyAddr { get; init; }

    /// <summary>Whether A20M# forces physical address bit 20 to 0.</summary>
    public required bool A20Masked { get; init; }

    /// <summary>Physical address of the top table: CR3 without the bits that the paging mode ignores.</summary>
    public uint TableBase => Cr3 & (Has(Cr4.PhysicalAddressExtension) ? 0xFFFF_FFE0 : 0xFFFF_F000);

    /// <summary>Whether a bit of CR0 is set.</summary>
    /// <param name="bit">The bit.</param>
    public bool Has(Cr0 bit) => (Cr0 & bit) != 0;

    /// <summary>Whether a bit of CR4 is set.</summary>
    /// <param name="bit">The bit.</param>
    public bool Has(Cr4 bit) => (Cr4 & bit) != 0;

    /// <summary>Whether a bit of EFER is set.</summary>
    /// <param name="bit">The bit.</param>
    public bool Has(Efer bit) => (Efer & bit) != 0;

    /// <summary>The values of a processor.</summary>
    internal static ControlValues Of(ControlRegisters control) => new()
    {
        Mode = control.State.Mode,
        Cr0 = control.Cr0,
        Cr3 = control.Cr3,
        Cr4 = control.Cr4,
        Efer = control.Efer,
        PdpteMode = control.State.PdpteOnDemand ? PdpteMode.WalkOnDemand : PdpteMode.Registers,
        MaxPhyAddr = control.Features.MaxPhyAddr,
        A20Masked = control.A20Masked,
    };
}
