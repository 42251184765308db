namespace X86Pae.Paging;

/// <summary>Choices that the architecture leaves open, or that a peer to compare with makes differently.</summary>
public sealed record PagingOptions
{
    /// <summary>The recommended defaults.</summary>
    public static PagingOptions Default { get; } = new();

    /// <summary>PDPTE registers or walk on demand.</summary>
    public PdpteMode PdpteMode { get; init; } = PdpteMode.Registers;

    /// <summary>CR0 bits whose change reloads the PDPTE registers while PAE paging is in use (Intel SDM vol. 3, 4.4.1).</summary>
    public Cr0 PdpteReloadCr0 { get; init; } = Cr0.Paging | Cr0.CacheDisable | Cr0.NotWriteThrough;

    /// <summary>CR4 bits whose change reloads the PDPTE registers while PAE paging is in use (Intel SDM vol. 3, 4.4.1).</summary>
    public Cr4 PdpteReloadCr4 { get; init; } =
        Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable | Cr4.PageSizeExtensions | Cr4.SupervisorExecutionPrevention;

    /// <summary>
    /// Width of physical addresses, 32 to 52 bits, that the check of a PDPTE load assumes; null for MAXPHYADDR. Bochs checks
    /// the 40 bits it was compiled for, whatever CPUID says.
    /// </summary>
    public int? PdpteLoadWidth { get; init; }

    /// <summary>Whether reserved bits count in a PDPTE with P = 0 (some processors; Intel SDM vol. 3, 4.4.1 footnote).</summary>
    public bool CheckReservedInNotPresentPdpte { get; init; }

    /// <summary>Whether a faulting walk leaves A set in the PDE.</summary>
    public FaultAccessedPolicy FaultAccessedPolicy { get; init; } = FaultAccessedPolicy.PdeSet;

    /// <summary>What a permission miss in the TLB leads to.</summary>
    public TlbPermissionMiss TlbPermissionMiss { get; init; } = TlbPermissionMiss.Rewalk;
}
