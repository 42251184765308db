using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>The control registers of the moment that an explanation shows.</summary>
internal sealed record ControlValues
{
    /// <summary>How linear addresses are translated.</summary>
    public required PagingMode Mode { get; init; }

    /// <summary>CR0.</summary>
    public required Cr0 Cr0 { get; init; }

    /// <summary>CR3 as it was written, with the bits that paging ignores.</summary>
    public required uint Cr3 { get; init; }

    /// <summary>CR4.</summary>
    public required Cr4 Cr4 { get; init; }

    /// <summary>IA32_EFER.</summary>
    public required Efer Efer { get; init; }

    /// <summary>Whether PDPTEs come from registers or are read from memory on each walk.</summary>
    public required PdpteMode PdpteMode { get; init; }

    /// <summary>MAXPHYADDR: the width of physical addresses in bits, 32 to 52.</summary>
    public required int MaxPhyAddr { get; init; }

    /// <summary>Whether A20M# forces bit 20 of physical addresses to 0.</summary>
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

    /// <summary>Copies the registers of a processor.</summary>
    public static ControlValues Of(ControlRegisters control) => new()
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
