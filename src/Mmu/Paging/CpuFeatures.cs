namespace X86Pae.Paging;

/// <summary>
/// The paging features that CPUID enumerates. They decide which entry bits are reserved and which control bits may be set.
/// </summary>
/// <remarks>Source: Intel SDM vol. 3, 4.1.4.</remarks>
public sealed record CpuFeatures
{
    private readonly int _maxPhyAddr = 36;

    /// <summary>A 32-bit processor with PAE, PSE-36, PGE and PAT, 36 physical address bits, and no NX.</summary>
    public static CpuFeatures Pae36 { get; } = new();

    /// <summary>
    /// A processor with all features that PAE paging can have (NX, SMEP, SMAP, INVPCID) and 40 physical address bits.
    /// </summary>
    public static CpuFeatures Full40 { get; } = new() { MaxPhyAddr = 40, Nx = true, Smep = true, Smap = true, Invpcid = true };

    /// <summary>MAXPHYADDR: the width of physical addresses in bits, 32 to 52. The default is 36.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside 32 to 52.</exception>
    public int MaxPhyAddr
    {
        get => _maxPhyAddr;
        init => _maxPhyAddr = value is >= 32 and <= 52
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxPhyAddr), value, "MAXPHYADDR is 32 to 52.");
    }

    /// <summary>CPUID.1:EDX[6]: CR4.PAE may be set.</summary>
    public bool Pae { get; init; } = true;

    /// <summary>CPUID.1:EDX[3]: CR4.PSE may be set.</summary>
    public bool Pse { get; init; } = true;

    /// <summary>CPUID.1:EDX[17]: a 4-MiB page may lie above 4 GiB.</summary>
    public bool Pse36 { get; init; } = true;

    /// <summary>CPUID.1:EDX[13]: CR4.PGE may be set.</summary>
    public bool Pge { get; init; } = true;

    /// <summary>CPUID.1:EDX[16]: the PAT bit of leaf entries exists; without it that bit is reserved.</summary>
    public bool Pat { get; init; } = true;

    /// <summary>CPUID.1:EDX[12]: the memory-type range registers exist.</summary>
    public bool Mtrr { get; init; } = true;

    /// <summary>CPUID.80000001h:EDX[20]: EFER.NXE may be set.</summary>
    public bool Nx { get; init; }

    /// <summary>CPUID.7.0:EBX[7]: CR4.SMEP may be set.</summary>
    public bool Smep { get; init; }

    /// <summary>CPUID.7.0:EBX[20]: CR4.SMAP may be set.</summary>
    public bool Smap { get; init; }

    /// <summary>CPUID.7.0:EBX[10]: INVPCID exists.</summary>
    public bool Invpcid { get; init; }

    /// <summary>CR4 bits that this processor accepts and that paging ignores.</summary>
    public Cr4 OtherCr4 { get; init; } =
        Cr4.Virtual8086Extensions | Cr4.ProtectedModeVirtualInterrupts | Cr4.TimeStampDisable | Cr4.DebuggingExtensions
        | Cr4.MachineCheckEnable | Cr4.PerformanceCounterEnable | Cr4.OsFxsr | Cr4.OsXmmExceptions
        | Cr4.UserModeInstructionPrevention | Cr4.FsGsBase | Cr4.OsXsave;

    /// <summary>All CR4 bits that may be set; setting any other raises #GP(0).</summary>
    internal Cr4 SupportedCr4 =>
        OtherCr4
        | (Pse ? Cr4.PageSizeExtensions : 0)
        | (Pae ? Cr4.PhysicalAddressExtension : 0)
        | (Pge ? Cr4.PageGlobalEnable : 0)
        | (Smep ? Cr4.SupervisorExecutionPrevention : 0)
        | (Smap ? Cr4.SupervisorAccessPrevention : 0);

    /// <summary>Rejects a set of features that no processor can have.</summary>
    /// <exception cref="ArgumentException">The features contradict each other.</exception>
    internal void Validate()
    {
        const Cr4 Paging = Cr4.PageSizeExtensions | Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable
            | Cr4.SupervisorExecutionPrevention | Cr4.SupervisorAccessPrevention | Cr4.ProcessContextIdentifiers;

        string? reason =
            Nx && !Pae ? $"{nameof(Nx)} needs {nameof(Pae)}: XD exists only in 64-bit entries."
            : Pse36 && !Pse ? $"{nameof(Pse36)} needs {nameof(Pse)}."
            : MaxPhyAddr > 32 && !Pae && !Pse36 ? $"{nameof(MaxPhyAddr)} above 32 needs {nameof(Pae)} or {nameof(Pse36)}."
            : (OtherCr4 & Paging) != 0 ? $"{nameof(OtherCr4)} names a paging bit; use the feature of that name."
            : null;
        if (reason is not null)
        {
            throw new ArgumentException(reason, "features");
        }
    }
}
