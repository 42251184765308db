using System.Runtime.CompilerServices;
using X86Pae.Explaining;
using X86Pae.HostThreads;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae;

/// <summary>The MMU of one logical processor: control registers, translation caches and accesses to memory.</summary>
/// <typeparam name="TBus">Physical memory.</typeparam>
/// <typeparam name="TTiming">What is told of the work; <see cref="NoTiming"/> for a functional MMU.</typeparam>
/// <remarks>
/// A guest's fault is a result. The caller delivers it and writes CR2. Belongs to one thread, which debug builds check; several
/// MMUs may share the memory behind their buses, whose table entries they update atomically. What another thread wants dropped
/// goes through an <see cref="InvalidationMailbox"/>.
/// </remarks>
public sealed partial class Mmu<TBus, TTiming>
    where TBus : struct, IBus
    where TTiming : struct, ITiming
{
    private const uint PatMsr = 0x277;
    private const uint EferMsr = 0xC000_0080;

    private readonly TranslationCaches _caches;
    private readonly HostLines _host; // of the caches
    private readonly ControlRegisters _control;
    private readonly PagingOptions _options;
    private readonly MemoryTyping _types;
    private readonly TTiming _timing;
    private readonly PagingUnit<TBus, TTiming> _unit;
    private readonly PerClass<TlbSide> _sides; // of the caches
    private OwnerThread _owner;
    private TBus _bus;
    private InvalidationLog? _log;
    private int _logReader;
    private bool _isBehind; // the log has invalidations that the caches, or the sibling's, have not seen
    private Mmu<TBus, TTiming>? _sibling; // the other logical processor of the core

    /// <summary>Creates an MMU as it is after reset: paging off, nothing cached.</summary>
    /// <param name="bus">Physical memory.</param>
    /// <param name="timing">What is told of the work.</param>
    /// <param name="features">What CPUID enumerates.</param>
    /// <param name="tlbs">Translation caches; null for the coherent MMU, which walks on every access.</param>
    /// <param name="options">Choices the architecture leaves open; null for the defaults.</param>
    /// <exception cref="ArgumentException"><paramref name="features"/> or <paramref name="tlbs"/> cannot exist.</exception>
    public Mmu(TBus bus, TTiming timing, CpuFeatures features, TlbConfiguration? tlbs = null, PagingOptions? options = null)
        : this(bus, timing, features, tlbs ?? TlbConfiguration.Coherent, options, sibling: null)
    {
    }

    /// <summary>Creates the MMU of a logical processor whose core has another one.</summary>
    /// <param name="bus">Physical memory.</param>
    /// <param name="timing">What is told of the work.</param>
    /// <param name="features">What CPUID enumerates.</param>
    /// <param name="tlbs">Translation caches; what this processor has of them, see <see cref="TlbConfiguration.ForSiblings"/>.</param>
    /// <param name="options">Choices the architecture leaves open; null for the defaults.</param>
    /// <param name="sibling">The other one, with the same caches, which belongs to the same thread; null if this is the first.</param>
    internal Mmu(
        TBus bus, TTiming timing, CpuFeatures features, TlbConfiguration tlbs, PagingOptions? options, Mmu<TBus, TTiming>? sibling)
    {
        tlbs.Validate();
        _bus = bus;
        _timing = timing;
        _options = options ?? PagingOptions.Default;
        _control = new ControlRegisters(features, _options);
        _caches = new TranslationCaches(tlbs, sibling?._caches);
        _host = _caches.Host;
        _types = new MemoryTyping(_control);
        _sides = _caches.Sides;
        RandomEvictions? random = tlbs.Randomization is { } randomization ? new RandomEvictions(randomization) : null;
        _unit = new PagingUnit<TBus, TTiming>(_caches, _control, _types, timing, _options, random);
        _sibling = sibling;
        if (sibling is not null)
        {
            sibling._sibling = this;
        }

        SuspendOrResumeHits();
    }

    /// <summary>
    /// Makes the calling thread the one that this MMU belongs to; without it that is the first one to use it. The thread that had
    /// it has stopped using it, and has handed it over by a lock, a join, or whatever else orders its accesses before this call.
    /// </summary>
    public void TakeOver() => _owner.TakeOver();

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
        Invalidation? dropped = _control.WriteCr3(value, ref _bus);
        if (dropped is not null)
        {
            _timing.Cr3Written();
        }

        return Apply(dropped);
    }

    /// <summary>MOV to CR4. A change of PGE or PAE, or setting SMEP, drops everything.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0): nothing has changed.</returns>
    public bool WriteCr4(uint value)
    {
        Cr4 before = Cr4;
        Invalidation? dropped = _control.WriteCr4(value, ref _bus);
        if (dropped is not null)
        {
            _timing.Cr4Written(pgeChanged: ((Cr4 ^ before) & Cr4.PageGlobalEnable) != 0);
        }

        return Apply(dropped);
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

    /// <summary>INVLPG: drops the page of an address, global or not, whole if it is a large one, and the PDE cache.</summary>
    /// <param name="linear">Any address in the page; it is not translated.</param>
    public void Invlpg(uint linear)
    {
        _timing.PageInvalidated();
        FlushPage(linear);
    }

    /// <summary>Drops what <see cref="Invlpg"/> drops.</summary>
    /// <param name="linear">Any address in the page.</param>
    /// <remarks>No instruction of the guest, and charged to none.</remarks>
    public void FlushPage(uint linear)
    {
        _owner.Check();
        _caches.InvalidatePage(linear);
    }

    /// <summary>Drops every translation, as a host does that has changed guest memory or tables behind the guest's back.</summary>
    /// <remarks>No instruction of the guest, and charged to none.</remarks>
    public void FlushAll()
    {
        _owner.Check();
        _caches.FlushAll();
    }

    /// <summary>Drops every translation but global ones.</summary>
    /// <remarks>No instruction of the guest, and charged to none. What is not modelled may drop global ones as well.</remarks>
    public void FlushNonGlobal()
    {
        _owner.Check();
        _caches.FlushNonGlobal();
    }

    /// <summary>Drops the translations of a page and nothing else, free of charge: as if it had never been used.</summary>
    /// <param name="linear">Any address in the page.</param>
    internal void DropPage(uint linear) => _caches.DropPage(linear);

    /// <summary>INVPCID, outside long mode, where every PCID is 0.</summary>
    /// <param name="type">The register operand: 0 one address, 1 one PCID, 2 everything, 3 everything but global translations.</param>
    /// <param name="descriptorLow">Bits 63:0 of the descriptor: PCID in 11:0. The caller has read it, as data.</param>
    /// <param name="descriptorHigh">Bits 127:64 of the descriptor: the linear address.</param>
    /// <returns>The exception instead, if any; CPL and mode are the caller's concern.</returns>
    public InstructionFault Invpcid(uint type, ulong descriptorLow, ulong descriptorHigh)
    {
        if (!Features.Invpcid)
        {
            return InstructionFault.UndefinedOpcode;
        }

        bool usesPcid = type <= 1;
        bool canonical = (ulong)((long)(descriptorHigh << 16) >> 16) == descriptorHigh;
        if (type > 3 || descriptorLow >> 12 != 0 || (usesPcid && descriptorLow != 0) || (type == 0 && !canonical))
        {
            return InstructionFault.GeneralProtection;
        }

        _owner.Check();
        _timing.PcidInvalidated();
        switch (type)
        {
            case 0 when descriptorHigh <= uint.MaxValue:
                _caches.InvalidateNonGlobalPage((uint)descriptorHigh);
                break;
            case 1 or 3:
                Apply(Invalidation.NonGlobal);
                break;
            case 2:
                Apply(Invalidation.All);
                break;
        }

        return InstructionFault.None;
    }

    /// <summary>Takes part in a log of invalidations that may be carried out later.</summary>
    /// <param name="log">The log.</param>
    /// <param name="reader">Number of this MMU among its readers.</param>
    internal void Join(InvalidationLog log, int reader)
    {
        _log = log;
        _logReader = reader;
    }

    /// <summary>The log has invalidations that this MMU's caches have not seen; they will, before they are used.</summary>
    internal void FallBehind()
    {
        _isBehind = true;
        _caches.FlushHost();
        _caches.AreHitsSuspended = true;
        if (_sibling is not null)
        {
            _sibling._isBehind = true; // what it fills may need the room that is to become free here
            _sibling._caches.AreHitsSuspended = true;
        }
    }

    /// <summary>Carries out what is in the log.</summary>
    internal void CatchUp()
    {
        if (_isBehind)
        {
            _isBehind = false;
            SuspendOrResumeHits();
            _log!.CatchUp(_logReader, _caches);
            _sibling?.CatchUp();
        }
    }

    /// <summary>Translates an address as an access would, with all its side effects, without touching the data.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <returns>The physical address, or the page fault to deliver.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // so that a recent translation costs no call
    public WalkResult Translate(uint linear, Access access)
    {
        _owner.Check();
        _timing.TranslationRequested();
        if (!HasTiming)
        {
            return _host.TryTranslate(linear, access, out WalkResult recent) ? recent : TranslateSuspended(linear, access, _sides[access.Class]);
        }

        TlbSide side = _sides[access.Class];
        return !side.TryHit(linear, out ulong payload, out uint offset)
            ? side.HasMore ? TranslateMiss(linear, access, side) : Walk(linear, access, side)
            : side.Refuses(payload, access) ? _unit.TranslateRefused(ref _bus, linear, access, payload)
            : TlbLookup.Translated(payload, offset);
    }

    /// <summary>Translates many addresses, each as <see cref="Translate"/> would, one after another.</summary>
    /// <param name="linear">Byte addresses.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="results">Receives a result for each address; a fault does not end the row.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="linear"/>.</exception>
    /// <remarks>
    /// The table entries of several walks are fetched at once, which pays where the tables are larger than the host's caches.
    /// </remarks>
    public void TranslateMany(ReadOnlySpan<uint> linear, Access access, Span<WalkResult> results)
    {
        if (results.Length < linear.Length)
        {
            throw new ArgumentException("There must be room for a result for each address.", nameof(results));
        }

        while (!linear.IsEmpty)
        {
            ReadOnlySpan<uint> batch = linear[..Math.Min(linear.Length, TablePrefetcher.MaxBatch)];
            TablePrefetcher.Prefetch(ref _bus, in _control.State, batch);
            for (int i = 0; i < batch.Length; i++)
            {
                results[i] = Translate(batch[i], access);
            }

            linear = linear[batch.Length..];
            results = results[batch.Length..];
        }
    }

    /// <summary>Translates an address as an access would, and leaves no trace: no flag set, nothing filled, no time spent.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What would be done, and by whom.</param>
    /// <returns>The physical address, or the page fault that would be delivered. A stale translation that is cached is used.</returns>
    public WalkResult Probe(uint linear, Access access)
    {
        _owner.Check();
        CatchUp();
        return _unit.Probe(_bus, linear, access);
    }

    /// <summary>Explains what <see cref="Probe"/> would answer, and why, with as little trace.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What would be done, and by whom.</param>
    /// <returns>Registers, tables, what is cached, since when if the TLBs number fills, the result, and the rule behind a fault.</returns>
    /// <remarks>Allocates: it is for people and debuggers. The tables are read even where something cached decides.</remarks>
    public WalkExplanation Explain(uint linear, Access access)
    {
        _owner.Check();
        CatchUp();
        return WalkExplainer.Explain(ref _bus, _control, linear, _unit.Effective(access), _caches, _options.TlbPermissionMiss);
    }

    // A constant to the JIT in each instantiation.
    private static bool HasTiming => typeof(TTiming) != typeof(NoTiming);

    /// <summary>Translates what no hit in the nearest level has answered.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private WalkResult TranslateMiss(uint linear, Access access, TlbSide side)
    {
        if (_caches.AreHitsSuspended)
        {
            return TranslateSuspended(linear, access, side);
        }

        TlbLookup found = side.LookUpMissed(linear);
        return found.Level == TlbHit.None
            ? Walk(linear, access, side)
            : _unit.Answer(ref _bus, linear, access, side, found);
    }

    /// <summary>Translates what no level of TLB holds, unless hits are suspended.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private WalkResult Walk(uint linear, Access access, TlbSide side) => _caches.AreHitsSuspended
        ? TranslateSuspended(linear, access, side)
        : _unit.WalkAndFill(ref _bus, linear, access, side);

    /// <summary>Translates where something may have to be done before the caches are asked.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual miss small
    private WalkResult TranslateSuspended(uint linear, Access access, TlbSide side)
    {
        CatchUp();
        return _control.State.Mode == PagingMode.None
            ? PageWalker.Walk(ref _bus, in _control.State, linear, access)
            : _unit.Translate(ref _bus, linear, access, side);
    }

    private void SuspendOrResumeHits() => _caches.AreHitsSuspended = _isBehind || _control.State.Mode == PagingMode.None;

    private bool Apply(Invalidation? dropped)
    {
        Apply(dropped ?? Invalidation.None);
        ReportPdptes(_control.PdptesLoaded);
        return dropped is not null;
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
        SuspendOrResumeHits();
    }

    private void ReportPdptes(bool loaded)
    {
        if (loaded)
        {
            _timing.PdptesLoaded(_control.State.TableBase & _control.State.AddressMask);
        }
    }
}
