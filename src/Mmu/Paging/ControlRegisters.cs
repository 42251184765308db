// Control registers and the MSRs that paging reads. Intel SDM vol. 3, 2.5, 4.1, 4.4.1, 11.12; vol. 2, MOV-CR.
//
//  PDPTE registers are loaded by               from
//    MOV CR3, PAE paging in use                the new CR3, always, even if the value is unchanged
//    MOV CR0 that changes CD, NW or PG         the current CR3, if PAE paging is in use afterwards
//    MOV CR4 that changes PAE, PGE, PSE, SMEP  the current CR3, if PAE paging is in use afterwards
//    a task switch that changes CR3            the new CR3
//
//  and by nothing else: no other bit of CR0 or CR4, no MSR, INVLPG, TLB miss or page fault.
//
//  All four entries are read, then checked, then committed. A present entry with a reserved bit refuses the whole write
//  with #GP(0): registers, PDPTEs and caches stay as they are.

using X86Pae.Memory;

namespace X86Pae.Paging;

/// <summary>CR0, CR2, CR3, CR4, EFER and PAT of one logical processor, with the rules that make a write legal.</summary>
/// <remarks>
/// A write that the guest may not make returns #GP(0) as a value and changes nothing. Privilege is the caller's concern:
/// only code at CPL 0 gets this far. The object knows no caches; each write says what they must drop.
/// </remarks>
public sealed class ControlRegisters
{
    /// <summary>Value of IA32_PAT after reset: WB, WT, UC-, UC, twice.</summary>
    public const ulong PatAtReset = 0x0007_0406_0007_0406;

    private const Cr0 DefinedCr0 =
        Cr0.ProtectionEnable | Cr0.MonitorCoprocessor | Cr0.Emulation | Cr0.TaskSwitched | Cr0.ExtensionType
        | Cr0.NumericError | Cr0.WriteProtect | Cr0.AlignmentMask | Cr0.NotWriteThrough | Cr0.CacheDisable | Cr0.Paging;

    private readonly PagingOptions _options;
    private readonly ulong _refusedPdpteBits;
    private PagingState _state;
    private PdpteRegisters _pdptes;
    private ulong _addressMask = ulong.MaxValue;

    /// <summary>Creates the registers as they are after reset: paging off, caches disabled.</summary>
    /// <param name="features">What CPUID enumerates.</param>
    /// <param name="options">Choices the architecture leaves open; null for the defaults.</param>
    /// <exception cref="ArgumentException"><paramref name="features"/> contradict each other.</exception>
    public ControlRegisters(CpuFeatures features, PagingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(features);
        features.Validate();
        Features = features;
        _options = options ?? PagingOptions.Default;
        _refusedPdpteBits = PagingState.ReservedPdpteBits(_options.PdpteLoadWidth ?? features.MaxPhyAddr, _options);
        Reset();
    }

    /// <summary>What CPUID enumerates.</summary>
    public CpuFeatures Features { get; }

    /// <summary>CR0 as it reads.</summary>
    public Cr0 Cr0 { get; private set; }

    /// <summary>CR2: linear address of the last page fault that was delivered. The owner of the processor writes it.</summary>
    public uint Cr2 { get; set; }

    /// <summary>CR3 as it was written, ignored bits included.</summary>
    public uint Cr3 { get; private set; }

    /// <summary>CR4.</summary>
    public Cr4 Cr4 { get; private set; }

    /// <summary>IA32_EFER.</summary>
    public Efer Efer { get; private set; }

    /// <summary>IA32_PAT (MSR 277h), eight memory types of one byte.</summary>
    public ulong Pat { get; private set; }

    /// <summary>The PDPTE registers as latched by the last load.</summary>
    public PdpteRegisters Pdptes => _pdptes;

    /// <summary>A20M#: while true, physical address bit 20 is forced to 0 for tables and data.</summary>
    public bool A20Masked
    {
        get => _addressMask != ulong.MaxValue;
        set
        {
            _addressMask = value ? ~(1UL << 20) : ulong.MaxValue;
            Recompute();
        }
    }

    /// <summary>The snapshot that walks use; replaced as a whole by each write that succeeds.</summary>
    public ref readonly PagingState State => ref _state;

    private bool PaeInUse => _state.Mode == PagingMode.Pae;

    private bool UsesRegisters => _options.PdpteMode == PdpteMode.Registers;

    /// <summary>RESET: paging off, caches disabled, PAT at its reset value. The caches must drop everything.</summary>
    public void Reset()
    {
        Cr0 = Cr0.ExtensionType | Cr0.CacheDisable | Cr0.NotWriteThrough;
        Cr2 = 0;
        Cr3 = 0;
        Cr4 = Cr4.None;
        Efer = Efer.None;
        Pat = PatAtReset;
        _pdptes = default;
        Recompute();
    }

    /// <summary>MOV to CR0. Bits that are not defined stay clear; ET reads as 1.</summary>
    /// <typeparam name="TBus">The memory that holds the tables.</typeparam>
    /// <param name="value">The source operand.</param>
    /// <param name="bus">The memory that holds the tables.</param>
    /// <returns>#GP(0) for PG without PE, NW without CD, WP clear with CET on, or a bad PDPTE.</returns>
    public ControlWrite WriteCr0<TBus>(uint value, ref TBus bus)
        where TBus : struct, IBus, allows ref struct
    {
        Cr0 cr0 = ((Cr0)value & DefinedCr0) | Cr0.ExtensionType;
        bool paging = Has(cr0, Cr0.Paging);
        bool illegal = (paging && !Has(cr0, Cr0.ProtectionEnable))
            || (Has(cr0, Cr0.NotWriteThrough) && !Has(cr0, Cr0.CacheDisable));
        if ((illegal && _options.ChecksControlRegisters)
            || (!Has(cr0, Cr0.WriteProtect) && Has(Cr4, Cr4.ControlFlowEnforcement)))
        {
            return ControlWrite.Refused;
        }

        bool triggers = ((cr0 ^ Cr0) & _options.PdpteReloadCr0) != 0 || _options.PdpteReloadCr0 == (Cr0)uint.MaxValue;
        bool load = paging && Has(Cr4, Cr4.PhysicalAddressExtension) && triggers;
        if (load && !TryLoadPdptes(ref bus, Cr3))
        {
            return ControlWrite.Refused;
        }

        bool leavesPaging = Has(Cr0, Cr0.Paging) && !paging;
        Cr0 = cr0;
        Recompute();
        return new ControlWrite(false, leavesPaging ? Invalidation.All : Invalidation.None, load && UsesRegisters);
    }

    /// <summary>MOV to CR3.</summary>
    /// <typeparam name="TBus">The memory that holds the tables.</typeparam>
    /// <param name="value">Physical address of the tables, a multiple of 32 with PAE; the bits below are kept and ignored.</param>
    /// <param name="bus">The memory that holds the tables.</param>
    /// <returns>#GP(0) only for a bad PDPTE while PAE paging is in use.</returns>
    public ControlWrite WriteCr3<TBus>(uint value, ref TBus bus)
        where TBus : struct, IBus, allows ref struct
    {
        bool load = PaeInUse;
        if (load && !TryLoadPdptes(ref bus, value))
        {
            return ControlWrite.Refused;
        }

        Cr3 = value;
        _state.LoadTables(value, in _pdptes, Has(Cr4, Cr4.PhysicalAddressExtension));
        Invalidation invalidation = _options.KeepsGlobalPages ? Invalidation.NonGlobal : Invalidation.All;
        return new ControlWrite(false, invalidation, load && UsesRegisters);
    }

    /// <summary>MOV to CR4.</summary>
    /// <typeparam name="TBus">The memory that holds the tables.</typeparam>
    /// <param name="value">The source operand.</param>
    /// <param name="bus">The memory that holds the tables.</param>
    /// <returns>#GP(0) for a bit that is not supported, PCIDE, CET with WP clear, or a bad PDPTE.</returns>
    public ControlWrite WriteCr4<TBus>(uint value, ref TBus bus)
        where TBus : struct, IBus, allows ref struct
    {
        var cr4 = (Cr4)value;
        if ((cr4 & ~Features.SupportedCr4) != 0
            || (Has(cr4, Cr4.ControlFlowEnforcement) && !Has(Cr0, Cr0.WriteProtect)))
        {
            return ControlWrite.Refused;
        }

        Cr4 changed = cr4 ^ Cr4;
        bool load = Has(Cr0, Cr0.Paging) && Has(cr4, Cr4.PhysicalAddressExtension)
            && (changed & _options.PdpteReloadCr4) != 0;
        if (load && !TryLoadPdptes(ref bus, Cr3))
        {
            return ControlWrite.Refused;
        }

        // PSE may flush and SMAP does nothing (Intel SDM vol. 3, 4.10.4.1); these three must.
        bool flushes = (changed & (Cr4.PageGlobalEnable | Cr4.PhysicalAddressExtension)) != 0
            || Has(changed & cr4, Cr4.SupervisorExecutionPrevention);
        Cr4 = cr4;
        Recompute();
        return new ControlWrite(false, flushes ? Invalidation.All : Invalidation.None, load && UsesRegisters);
    }

    /// <summary>LMSW: the low four bits of CR0, of which PE cannot be cleared. Never a paging event.</summary>
    /// <param name="value">The source operand.</param>
    public void LoadMachineStatusWord(ushort value)
    {
        const Cr0 Loaded = Cr0.ProtectionEnable | Cr0.MonitorCoprocessor | Cr0.Emulation | Cr0.TaskSwitched;
        Cr0 sticky = Cr0 & Cr0.ProtectionEnable;
        Cr0 = (Cr0 & ~Loaded) | ((Cr0)value & Loaded) | sticky;
    }

    /// <summary>CLTS. Never a paging event.</summary>
    public void ClearTaskSwitched() => Cr0 &= ~Cr0.TaskSwitched;

    /// <summary>The CR3 load of a task switch through a 32-bit TSS (Intel SDM vol. 3, 7.3). With PG = 0 nothing is loaded.</summary>
    /// <typeparam name="TBus">The memory that holds the tables.</typeparam>
    /// <param name="value">CR3 of the new task.</param>
    /// <param name="bus">The memory that holds the tables.</param>
    /// <param name="invalidation">What the caches must drop; nothing where CR3 does not change.</param>
    /// <returns>What to deliver, if anything.</returns>
    public TaskSwitchLoad SwitchTask<TBus>(uint value, ref TBus bus, out Invalidation invalidation)
        where TBus : struct, IBus, allows ref struct
    {
        invalidation = Invalidation.None;
        if (!Has(Cr0, Cr0.Paging) || (value == Cr3 && !_options.TaskSwitchAlwaysFlushes))
        {
            return TaskSwitchLoad.Done;
        }

        ControlWrite write = WriteCr3(value, ref bus);
        invalidation = write.Invalidation;
        if (!write.GeneralProtection)
        {
            return TaskSwitchLoad.Done;
        }

        if (_options.TaskSwitchPdpteFault == TaskSwitchPdpteFault.GeneralProtection)
        {
            return TaskSwitchLoad.GeneralProtection;
        }

        Cr3 = value;
        _pdptes = default;
        Recompute();
        invalidation = Invalidation.NonGlobal;
        return TaskSwitchLoad.InvalidTss;
    }

    /// <summary>WRMSR to IA32_EFER.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>#GP(0) for NXE on a processor without it, and for any bit that a 32-bit processor does not have.</returns>
    public ControlWrite WriteEfer(ulong value)
    {
        Efer supported = Efer.SystemCallExtensions | (Features.Nx ? Efer.ExecuteDisableEnable : Efer.None);
        if ((value & ~(ulong)supported) != 0)
        {
            return ControlWrite.Refused;
        }

        Efer = (Efer)value;
        Recompute();
        return default;
    }

    /// <summary>WRMSR to IA32_PAT. Nothing is invalidated: that is left to software (Intel SDM vol. 3, 11.12.4).</summary>
    /// <param name="value">Eight memory types, a byte each: 0 UC, 1 WC, 4 WT, 5 WP, 6 WB, 7 UC-.</param>
    /// <returns>#GP(0) for any other encoding, and on a processor without PAT.</returns>
    public ControlWrite WritePat(ulong value)
    {
        const int LegalTypes = 0b1111_0011;
        for (int i = 0; i < 64; i += 8)
        {
            int type = (byte)(value >> i);
            if (!Features.Pat || type > 7 || ((LegalTypes >> type) & 1) == 0)
            {
                return ControlWrite.Refused;
            }
        }

        Pat = value;
        return default;
    }

    private static bool Has(Cr0 register, Cr0 bit) => (register & bit) != 0;

    private static bool Has(Cr4 register, Cr4 bit) => (register & bit) != 0;

    private bool TryLoadPdptes<TBus>(ref TBus bus, uint cr3)
        where TBus : struct, IBus, allows ref struct
    {
        if (!UsesRegisters)
        {
            return true;
        }

        PdpteRegisters loaded = default;
        for (int i = 0; i < PdpteRegisters.Count; i++)
        {
            ulong entry = bus.LoadEntry64(((cr3 & 0xFFFF_FFE0) + (8u * (uint)i)) & _addressMask);
            bool counts = (entry & EntryBits.Present) != 0 || _options.CheckReservedInNotPresentPdpte;
            if (counts && (entry & _refusedPdpteBits) != 0)
            {
                return false;
            }

            loaded[i] = entry;
        }

        _pdptes = loaded;
        return true;
    }

    private void Recompute() =>
        _state = new PagingState(Features, _options, Cr0, Cr3, Cr4, Efer, in _pdptes, _addressMask);
}
