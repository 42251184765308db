using X86Pae.Paging;

namespace X86Pae;

/// <content>Control registers, the registers that RDMSR and WRMSR reach, memory types, exceptions.</content>
public sealed partial class Mmu<TBus, TTiming>
{
    private const uint PatMsr = 0x277;
    private const uint EferMsr = 0xC000_0080;

    /// <summary>CR0.</summary>
    public Cr0 Cr0 => _control.Cr0;

    /// <summary>CR2; written by <see cref="DeliverPageFault"/>, or by a caller that delivers page faults itself.</summary>
    public uint Cr2
    {
        get => _control.Cr2;
        set => _control.Cr2 = value;
    }

    /// <summary>CR3 as it was written.</summary>
    public uint Cr3 => _control.Cr3;

    /// <summary>CR4.</summary>
    public Cr4 Cr4 => _control.Cr4;

    /// <summary>IA32_EFER.</summary>
    public Efer Efer => _control.Efer;

    /// <summary>IA32_PAT.</summary>
    public ulong Pat => _control.Pat;

    /// <summary>What CPUID enumerates.</summary>
    public CpuFeatures Features => _control.Features;

    /// <summary>Control state as walks see it.</summary>
    public ref readonly PagingState State => ref _control.State;

    /// <summary>RESET or INIT of the paging unit: registers as after reset, nothing cached.</summary>
    public void Reset()
    {
        _control.Reset();
        _types.Reset();
        Apply(Invalidation.All);
    }

    /// <summary>MOV to CR0. Flushes everything when it turns paging off.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0): nothing has changed.</returns>
    public bool WriteCr0(uint value) => Apply(_control.WriteCr0(value, ref _bus));

    /// <summary>MOV to CR3. Drops all translations but global ones, even if the value is unchanged.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0), a bad PDPTE: nothing has changed.</returns>
    public bool WriteCr3(uint value)
    {
        ControlWrite write = _control.WriteCr3(value, ref _bus);
        if (!write.GeneralProtection)
        {
            _timing.Cr3Written();
        }

        return Apply(write);
    }

    /// <summary>MOV to CR4. A change of PGE or PAE, or setting SMEP, drops everything.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0): nothing has changed.</returns>
    public bool WriteCr4(uint value)
    {
        Cr4 before = Cr4;
        ControlWrite write = _control.WriteCr4(value, ref _bus);
        if (!write.GeneralProtection)
        {
            _timing.Cr4Written(pgeChanged: ((Cr4 ^ before) & Cr4.PageGlobalEnable) != 0);
        }

        return Apply(write);
    }

    /// <summary>LMSW. Never a paging event.</summary>
    /// <param name="value">The source operand.</param>
    public void LoadMachineStatusWord(ushort value) => _control.LoadMachineStatusWord(value);

    /// <summary>CLTS. Never a paging event.</summary>
    public void ClearTaskSwitched() => _control.ClearTaskSwitched();

    /// <summary>WRMSR to IA32_EFER. Cached translations stay (Intel SDM lists no invalidation for it).</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0): nothing has changed.</returns>
    public bool WriteEfer(ulong value) => Apply(_control.WriteEfer(value));

    /// <summary>WRMSR to IA32_PAT. Cached translations keep their memory type until software invalidates them.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0): nothing has changed.</returns>
    public bool WritePat(ulong value) => Apply(_control.WritePat(value));

    /// <summary>RDMSR of the registers that the paging unit has: IA32_EFER, IA32_PAT and the MTRRs.</summary>
    /// <param name="msr">Number of the register.</param>
    /// <param name="value">Its value; 0 if it is not there.</param>
    /// <returns>False for #GP(0): this unit has no such register.</returns>
    public bool TryReadMsr(uint msr, out ulong value)
    {
        switch (msr)
        {
            case EferMsr:
                value = (ulong)Efer;
                return true;
            case PatMsr when Features.Pat:
                value = Pat;
                return true;
            default:
                return _types.TryRead(msr, out value);
        }
    }

    /// <summary>WRMSR to the registers that the paging unit has. Writing an MTRR drops all translations.</summary>
    /// <param name="msr">Number of the register.</param>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0): nothing has changed.</returns>
    public bool TryWriteMsr(uint msr, ulong value)
    {
        switch (msr)
        {
            case EferMsr:
                return WriteEfer(value);
            case PatMsr:
                return WritePat(value);
            default:
                if (!_types.TryWrite(msr, value))
                {
                    return false;
                }

                Apply(Invalidation.All);
                return true;
        }
    }

    /// <summary>Memory type of an access: PAT and MTRRs combined.</summary>
    /// <param name="translation">A translation that this MMU has returned; not a fault.</param>
    /// <returns>The type. The PAT's part is that of the fill, which may be older than the PAT's current contents.</returns>
    /// <remarks>MTRRs are looked up now: writing one drops all translations, so none is older.</remarks>
    public MemoryType TypeOf(WalkResult translation) => _types.TypeOf(translation);

    /// <summary>Memory type of the access that a walk makes to a table, which the entry above it decides.</summary>
    /// <param name="linear">The address that is translated.</param>
    /// <param name="level">Which entry is read: a PDE or a PTE.</param>
    /// <returns>The type, or null where the walk does not get to such an entry.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="level"/> is neither.</exception>
    public MemoryType? TypeOfTableRead(uint linear, WalkLevel level) => _types.TypeOfTableRead(_bus, linear, level);

    /// <summary>The CR3 load of a task switch. Drops what MOV CR3 drops if the value changes, and nothing otherwise.</summary>
    /// <param name="cr3">CR3 of the new task.</param>
    /// <returns>The exception to deliver, if any.</returns>
    public TaskSwitchLoad SwitchTask(uint cr3)
    {
        TaskSwitchLoad load = _control.SwitchTask(cr3, ref _bus, out Invalidation invalidation);
        if (load == TaskSwitchLoad.Done && invalidation != Invalidation.None)
        {
            _timing.Cr3Written();
            ReportPdptes(_control.State.Mode == PagingMode.Pae);
        }

        Apply(invalidation);
        return load;
    }

    /// <summary>A20M#: while true, physical address bit 20 is forced to 0. A change flushes everything.</summary>
    /// <param name="masked">Whether the bit is masked.</param>
    public void SetA20Masked(bool masked)
    {
        if (masked != _control.A20Masked)
        {
            _control.A20Masked = masked;
            Apply(Invalidation.All);
        }
    }

    /// <summary>Delivers a page fault to the guest as far as the MMU goes: writes CR2, and charges the delivery.</summary>
    /// <param name="fault">The fault that an access returned.</param>
    public void DeliverPageFault(PageFault fault)
    {
        _timing.PageFaultDelivered();
        Cr2 = fault.Cr2;
    }

    /// <summary>IRET from a page fault, as far as the MMU goes: it is charged.</summary>
    public void ReturnFromPageFault() => _timing.PageFaultReturned();

    private bool Apply(ControlWrite write)
    {
        Apply(write.Invalidation);
        ReportPdptes(write.PdptesLoaded);
        return !write.GeneralProtection;
    }

    private void Apply(Invalidation invalidation)
    {
        _owner.Check();
        switch (invalidation)
        {
            case Invalidation.NonGlobal:
                _caches.FlushNonGlobal();
                break;
            case Invalidation.All:
                _caches.FlushAll();
                break;
        }

        _caches.Follow(in _control.State);
        _types.Follow();
    }

    private void ReportPdptes(bool loaded)
    {
        if (loaded)
        {
            _timing.PdptesLoaded(_control.State.TableBase & _control.State.AddressMask);
        }
    }
}
