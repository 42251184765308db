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
/// <para>
/// Every write returns what the translation caches must drop, or null where the processor raises #GP(0); then nothing has
/// changed. The registers hold no cache themselves.
/// </para>
/// <para>The caller checks the privilege level: MOV to a control register and WRMSR are for CPL 0.</para>
/// </remarks>
public sealed class ControlRegisters
{
    /// <summary>Value of IA32_PAT after reset: WB, WT, UC-, UC, twice (Intel SDM vol. 3, table 11-12).</summary>
    internal const ulong PatAtReset = 0x0007_0406_0007_0406;

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
    /// <param name="options">Choices that the architecture leaves open; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="features"/> is null.</exception>
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

    /// <summary>CR0 as MOV from CR0 reads it: ET is 1, undefined bits are 0.</summary>
    public Cr0 Cr0 { get; private set; }

    /// <summary>CR2: the linear address of the last page fault. Whoever delivers a page fault writes it.</summary>
    public uint Cr2 { get; set; }

    /// <summary>CR3 as it was written, with the bits that paging ignores.</summary>
    public uint Cr3 { get; private set; }

    /// <summary>CR4.</summary>
    public Cr4 Cr4 { get; private set; }

    /// <summary>IA32_EFER.</summary>
    public Efer Efer { get; private set; }

    /// <summary>IA32_PAT (MSR 277h): eight memory types of one byte each, entry 0 lowest.</summary>
    public ulong Pat { get; private set; }

    /// <summary>The four PDPTE registers as the last load left them; register n maps linear GiB n.</summary>
    public ReadOnlySpan<ulong> Pdptes => _pdptes;

    /// <summary>Whether the last write loaded the PDPTE registers from memory.</summary>
    public bool PdptesLoaded { get; private set; }

    /// <summary>A20M#: while true, bit 20 of every physical address is 0, in tables and data alike.</summary>
    public bool A20Masked
    {
        get => _addressMask != ulong.MaxValue;
        set
        {
            _addressMask = value ? ~(1UL << 20) : ulong.MaxValue;
            Recompute();
        }
    }

    /// <summary>
    /// The control state that a walk needs, worked out from these registers; each write that succeeds renews it.
    /// </summary>
    public ref readonly PagingState State => ref _state;

    private bool PaeInUse => _state.Mode == PagingMode.Pae;

    private bool UsesRegisters => _options.PdpteMode == PdpteMode.Registers;

    /// <summary>
    /// RESET: paging off, caches disabled, PAT at its reset value. The translation caches must drop everything.
    /// </summary>
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
    /// <returns>
    /// What the caches must drop. Null for #GP(0): PG without PE, NW without CD, WP clear while CR4.CET is set, or a PDPTE with a
    /// reserved bit.
    /// </returns>
    public Invalidation? WriteCr0<TBus>(uint value, ref TBus bus)
        where TBus : struct, IBus, allows ref struct
    {
        Cr0 cr0 = ((Cr0)value & DefinedCr0) | Cr0.ExtensionType;
        bool paging = Has(cr0, Cr0.Paging);
        bool illegal = (paging && !Has(cr0, Cr0.ProtectionEnable))
            || (Has(cr0, Cr0.NotWriteThrough) && !Has(cr0, Cr0.CacheDisable));
        if ((illegal && _options.ChecksControlRegisters)
            || (!Has(cr0, Cr0.WriteProtect) && Has(Cr4, Cr4.ControlFlowEnforcement)))
        {
            return Refuse();
        }

        bool triggers = ((cr0 ^ Cr0) & _options.PdpteReloadCr0) != 0 || _options.PdpteReloadCr0 == (Cr0)uint.MaxValue;
        bool load = paging && Has(Cr4, Cr4.PhysicalAddressExtension) && triggers;
        if (load && !TryLoadPdptes(ref bus, Cr3))
        {
            return Refuse();
        }

        bool leavesPaging = Has(Cr0, Cr0.Paging) && !paging;
        Cr0 = cr0;
        Recompute();
        return Accept(leavesPaging ? Invalidation.All : Invalidation.None, load && UsesRegisters);
    }

    /// <summary>MOV to CR3.</summary>
    /// <typeparam name="TBus">The memory that holds the tables.</typeparam>
    /// <param name="value">
    /// Physical address of the tables, a multiple of 32 with PAE; the bits below are kept and ignored.
    /// </param>
    /// <param name="bus">The memory that holds the tables.</param>
    /// <returns>What the caches must drop. Null for #GP(0): a PDPTE with a reserved bit, while PAE paging is in use.</returns>
    public Invalidation? WriteCr3<TBus>(uint value, ref TBus bus)
        where TBus : struct, IBus, allows ref struct
    {
        bool load = PaeInUse;
        if (load && !TryLoadPdptes(ref bus, value))
        {
            return Refuse();
        }

        Cr3 = value;
        _state.LoadTables(value, in _pdptes, Has(Cr4, Cr4.PhysicalAddressExtension));
        Invalidation invalidation = _options.KeepsGlobalPages ? Invalidation.NonGlobal : Invalidation.All;
        return Accept(invalidation, load && UsesRegisters);
    }

    /// <summary>MOV to CR4.</summary>
    /// <typeparam name="TBus">The memory that holds the tables.</typeparam>
    /// <param name="value">The source operand.</param>
    /// <param name="bus">The memory that holds the tables.</param>
    /// <returns>
    /// What the caches must drop. Null for #GP(0): a bit that the processor does not have, PCIDE, CET while CR0.WP is clear, or a
    /// PDPTE with a reserved bit.
    /// </returns>
    public Invalidation? WriteCr4<TBus>(uint value, ref TBus bus)
        where TBus : struct, IBus, allows ref struct
    {
        var cr4 = (Cr4)value;
        if ((cr4 & ~Features.SupportedCr4) != 0
            || (Has(cr4, Cr4.ControlFlowEnforcement) && !Has(Cr0, Cr0.WriteProtect)))
        {
            return Refuse();
        }

        Cr4 changed = cr4 ^ Cr4;
        bool load = Has(Cr0, Cr0.Paging) && Has(cr4, Cr4.PhysicalAddressExtension)
            && (changed & _options.PdpteReloadCr4) != 0;
        if (load && !TryLoadPdptes(ref bus, Cr3))
        {
            return Refuse();
        }

        // A change of PGE or PAE and the setting of SMEP must flush; PSE may, SMAP need not (Intel SDM vol. 3, 4.10.4.1).
        bool flushes = (changed & (Cr4.PageGlobalEnable | Cr4.PhysicalAddressExtension)) != 0
            || Has(changed & cr4, Cr4.SupervisorExecutionPrevention);
        Cr4 = cr4;
        Recompute();
        return Accept(flushes ? Invalidation.All : Invalidation.None, load && UsesRegisters);
    }

    /// <summary>LMSW: loads PE, MP, EM and TS of CR0; it cannot clear PE. Nothing is invalidated or loaded.</summary>
    /// <param name="value">The source operand; bits 15:4 are ignored.</param>
    public void LoadMachineStatusWord(ushort value)
    {
        const Cr0 Loaded = Cr0.ProtectionEnable | Cr0.MonitorCoprocessor | Cr0.Emulation | Cr0.TaskSwitched;
        Cr0 sticky = Cr0 & Cr0.ProtectionEnable;
        Cr0 = (Cr0 & ~Loaded) | ((Cr0)value & Loaded) | sticky;
    }

    /// <summary>CLTS: clears CR0.TS. Nothing is invalidated or loaded.</summary>
    public void ClearTaskSwitched() => Cr0 &= ~Cr0.TaskSwitched;

    /// <summary>
    /// The CR3 load of a task switch through a 32-bit TSS (Intel SDM vol. 3, 7.3). With PG = 0 nothing is loaded.
    /// </summary>
    /// <typeparam name="TBus">The memory that holds the tables.</typeparam>
    /// <param name="value">CR3 of the new task.</param>
    /// <param name="bus">The memory that holds the tables.</param>
    /// <param name="invalidation">What the caches must drop; nothing where CR3 does not change.</param>
    /// <returns>Whether CR3 was loaded, and otherwise the exception to deliver.</returns>
    public TaskSwitchLoad SwitchTask<TBus>(uint value, ref TBus bus, out Invalidation invalidation)
        where TBus : struct, IBus, allows ref struct
    {
        invalidation = Invalidation.None;
        if (!Has(Cr0, Cr0.Paging) || (value == Cr3 && !_options.TaskSwitchAlwaysFlushes))
        {
            return TaskSwitchLoad.Done;
        }

        if (WriteCr3(value, ref bus) is { } dropped)
        {
            invalidation = dropped;
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
    /// <returns>
    /// What the caches must drop: nothing. Null for #GP(0): NXE on a processor without NX, or any bit but SCE and NXE.
    /// </returns>
    public Invalidation? WriteEfer(ulong value)
    {
        Efer supported = Efer.SystemCallExtensions | (Features.Nx ? Efer.ExecuteDisableEnable : Efer.None);
        if ((value & ~(ulong)supported) != 0)
        {
            return Refuse();
        }

        Efer = (Efer)value;
        Recompute();
        return Accept(Invalidation.None);
    }

    /// <summary>
    /// WRMSR to IA32_PAT. Software has to invalidate what it wants to be typed anew (Intel SDM vol. 3, 11.12.4).
    /// </summary>
    /// <param name="value">Eight memory types of one byte each: 0 UC, 1 WC, 4 WT, 5 WP, 6 WB, 7 UC-.</param>
    /// <returns>What the caches must drop: nothing. Null for #GP(0): any other encoding, or a processor without PAT.</returns>
    public Invalidation? WritePat(ulong value)
    {
        for (int i = 0; i < 64; i += 8)
        {
            if (!Features.Pat || !MemoryTypes.IsPatType((byte)(value >> i)))
            {
                return Refuse();
            }
        }

        Pat = value;
        return Accept(Invalidation.None);
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

        if (!PdpteRegisters.TryLoad(
            ref bus, cr3, _addressMask, _refusedPdpteBits, _options.CheckReservedInNotPresentPdpte, out PdpteRegisters loaded))
        {
            return false;
        }

        _pdptes = loaded;
        return true;
    }

    private Invalidation? Refuse()
    {
        PdptesLoaded = false;
        return null;
    }

    private Invalidation? Accept(Invalidation invalidation, bool pdptesLoaded = false)
    {
        PdptesLoaded = pdptesLoaded;
        return invalidation;
    }

    private void Recompute() =>
        _state = new PagingState(Features, _options, Cr0, Cr3, Cr4, Efer, in _pdptes, _addressMask);
}

/// <summary>What a control-register write obliges the translation caches to drop (Intel SDM vol. 3, 4.10.4.1 and 11.9).</summary>
public enum Invalidation : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>All translations but global ones, and all paging-structure-cache entries.</summary>
    NonGlobal,

    /// <summary>Everything.</summary>
    All,
}
