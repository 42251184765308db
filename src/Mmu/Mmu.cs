using System.Runtime.CompilerServices;
using X86Pae.Explaining;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae;

/// <summary>The MMU of one logical processor: control registers, translation caches and accesses to memory.</summary>
/// <typeparam name="TBus">Physical memory.</typeparam>
/// <typeparam name="TTiming">
/// The timing that the MMU reports its work to; <see cref="NoTiming"/> for a functional MMU.
/// </typeparam>
/// <remarks>
/// <para>
/// A page fault is a result of an access. The caller delivers it to the guest, with <see cref="DeliverPageFault"/> for CR2. The
/// caller also checks the privilege level before it passes a privileged instruction on.
/// </para>
/// <para>
/// An MMU belongs to one thread, which debug builds check. Several MMUs may share the memory behind their buses; they update
/// table entries atomically. Another thread has translations dropped through an <see cref="HostThreads.InvalidationMailbox"/>.
/// </para>
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
    /// <param name="timing">The timing that the MMU reports its work to.</param>
    /// <param name="features">The paging features of the processor.</param>
    /// <param name="tlbs">
    /// Translation caches; null for <see cref="TlbConfiguration.Coherent"/>, which walks on every access.
    /// </param>
    /// <param name="options">Choices that the architecture leaves open; null for the defaults.</param>
    /// <param name="sibling">
    /// The MMU of the other logical processor of the core, on the same thread and with the same translation caches, which both
    /// share as <see cref="TlbConfiguration.ForSiblings"/> gives them; null for the first of the two, and for a core with one.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="features"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="features"/> or <paramref name="tlbs"/> cannot exist.</exception>
    public Mmu(
        TBus bus,
        TTiming timing,
        CpuFeatures features,
        TlbConfiguration? tlbs = null,
        PagingOptions? options = null,
        Mmu<TBus, TTiming>? sibling = null)
    {
        tlbs ??= TlbConfiguration.Coherent;
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
    /// Makes the calling thread the owner of this MMU. Without this call the first thread that uses the MMU owns it.
    /// </summary>
    /// <remarks>
    /// The former owner has stopped using the MMU. Its accesses must be ordered before this call, by a lock, a join or the like.
    /// </remarks>
    public void TakeOver() => _owner.TakeOver();

    /// <summary>CR0 as MOV from CR0 reads it.</summary>
    public Cr0 Cr0 => _control.Cr0;

    /// <summary>CR2. <see cref="DeliverPageFault"/> writes it, or a caller that delivers page faults itself.</summary>
    public uint Cr2
    {
        get => _control.Cr2;
        set => _control.Cr2 = value;
    }

    /// <summary>CR3 as it was written, with the bits that paging ignores.</summary>
    public uint Cr3 => _control.Cr3;

    /// <summary>CR4.</summary>
    public Cr4 Cr4 => _control.Cr4;

    /// <summary>IA32_EFER.</summary>
    public Efer Efer => _control.Efer;

    /// <summary>IA32_PAT: eight memory types of one byte each, entry 0 lowest.</summary>
    public ulong Pat => _control.Pat;

    /// <summary>The paging features of the processor.</summary>
    public CpuFeatures Features => _control.Features;

    /// <summary>The control state that walks use, and the paging mode.</summary>
    public ref readonly PagingState State => ref _control.State;

    /// <summary>
    /// RESET or INIT: sets control registers, PAT and MTRRs to their values after reset, and drops all translations.
    /// </summary>
    public void Reset()
    {
        _control.Reset();
        _types.Reset();
        Apply(Invalidation.All);
    }

    /// <summary>MOV to CR0. Turning paging off drops all translations.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>
    /// False for #GP(0), and nothing has changed: PG without PE, NW without CD, WP clear while CR4.CET is set, or a PDPTE with a
    /// reserved bit.
    /// </returns>
    public bool WriteCr0(uint value) => Apply(_control.WriteCr0(value, ref _bus));

    /// <summary>MOV to CR3. Drops all translations but global ones, even if the value is unchanged.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0), and nothing has changed: a PDPTE with a reserved bit, while PAE paging is in use.</returns>
    public bool WriteCr3(uint value)
    {
        Invalidation? dropped = _control.WriteCr3(value, ref _bus);
        if (dropped is not null)
        {
            _timing.Cr3Written();
        }

        return Apply(dropped);
    }

    /// <summary>MOV to CR4. A change of PGE or PAE, or setting SMEP, drops all translations.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>
    /// False for #GP(0), and nothing has changed: a bit that the processor does not have, CET while CR0.WP is clear, or a PDPTE
    /// with a reserved bit.
    /// </returns>
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

    /// <summary>LMSW: loads PE, MP, EM and TS of CR0; it cannot clear PE. Nothing is invalidated.</summary>
    /// <param name="value">The source operand; bits 15:4 are ignored.</param>
    public void LoadMachineStatusWord(ushort value) => _control.LoadMachineStatusWord(value);

    /// <summary>CLTS: clears CR0.TS. Nothing is invalidated.</summary>
    public void ClearTaskSwitched() => _control.ClearTaskSwitched();

    /// <summary>WRMSR to IA32_EFER. Cached translations stay, because the Intel SDM lists no invalidation for it.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0), and nothing has changed: a bit that the processor does not have.</returns>
    public bool WriteEfer(ulong value) => Apply(_control.WriteEfer(value));

    /// <summary>WRMSR to IA32_PAT. Cached translations keep their memory type until software invalidates them.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0), and nothing has changed: a reserved memory type, or a processor without PAT.</returns>
    public bool WritePat(ulong value) => Apply(_control.WritePat(value));

    /// <summary>RDMSR of IA32_EFER, IA32_PAT or an MTRR.</summary>
    /// <param name="msr">Number of the register.</param>
    /// <param name="value">Its value; 0 if the MMU has no such register.</param>
    /// <returns>False if the MMU has no such register: #GP(0), unless the caller has it.</returns>
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

    /// <summary>WRMSR to IA32_EFER, IA32_PAT or an MTRR. Writing an MTRR drops all translations.</summary>
    /// <param name="msr">Number of the register.</param>
    /// <param name="value">The source operand.</param>
    /// <returns>
    /// False for #GP(0), and nothing has changed: a value that is not legal, or a register that the MMU does not have.
    /// </returns>
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

    /// <summary>The memory type of an access, which PAT, MTRRs and CR0.CD decide together (Intel SDM vol. 3, 11.5.2).</summary>
    /// <param name="translation">A translation that this MMU has returned; not a fault.</param>
    /// <returns>
    /// The type. It follows the PAT as it was when the translation was cached, and the MTRRs and CR0 as they are now.
    /// </returns>
    public MemoryType TypeOf(WalkResult translation) => _types.TypeOf(translation);

    /// <summary>The memory type of the access that a walk makes to a table. The entry above the table decides it.</summary>
    /// <param name="linear">The linear address that is translated.</param>
    /// <param name="level">Whether the walk reads a PDE or a PTE.</param>
    /// <returns>The type, or null where the walk ends above that level.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="level"/> is neither.</exception>
    public MemoryType? TypeOfTableRead(uint linear, WalkLevel level) => _types.TypeOfTableRead(_bus, linear, level);

    /// <summary>The CR3 load of a task switch. If CR3 changes, it drops what MOV to CR3 drops, and otherwise nothing.</summary>
    /// <param name="cr3">CR3 of the new task, from its TSS.</param>
    /// <returns>Whether CR3 was loaded, and otherwise the exception to deliver.</returns>
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

    /// <summary>A20M#: forces bit 20 of physical addresses to 0, or lets it pass. A change drops all translations.</summary>
    /// <param name="masked">Whether the bit is forced to 0.</param>
    public void SetA20Masked(bool masked)
    {
        if (masked != _control.A20Masked)
        {
            _control.A20Masked = masked;
            Apply(Invalidation.All);
        }
    }

    /// <summary>Begins the delivery of a page fault: writes CR2, and reports the fault to the timing.</summary>
    /// <param name="fault">The fault that an access has returned. The caller raises #PF with its error code.</param>
    public void DeliverPageFault(PageFault fault)
    {
        _timing.PageFaultDelivered();
        Cr2 = fault.Cr2;
    }

    /// <summary>Reports to the timing that the handler of a page fault returns by IRET.</summary>
    public void ReturnFromPageFault() => _timing.PageFaultReturned();

    /// <summary>INVLPG: drops the translations of a page, global or not, all of a large page, and the PDE cache.</summary>
    /// <param name="linear">Any linear address in the page; it is not translated.</param>
    public void Invlpg(uint linear)
    {
        _timing.PageInvalidated();
        FlushPage(linear);
    }

    /// <summary>Drops what <see cref="Invlpg"/> drops, on behalf of the host.</summary>
    /// <param name="linear">Any linear address in the page.</param>
    /// <remarks>The timing is not told, because no instruction of the guest does it.</remarks>
    public void FlushPage(uint linear)
    {
        _owner.Check();
        _caches.InvalidatePage(linear);
    }

    /// <summary>Drops all translations, on behalf of a host that has changed the memory map or the guest's tables.</summary>
    /// <remarks>The timing is not told, because no instruction of the guest does it.</remarks>
    public void FlushAll()
    {
        _owner.Check();
        _caches.FlushAll();
    }

    /// <summary>Drops all translations but global ones, on behalf of the host.</summary>
    /// <remarks>
    /// The timing is not told, because no instruction of the guest does it. The host cache of a functional MMU may drop global
    /// translations as well.
    /// </remarks>
    public void FlushNonGlobal()
    {
        _owner.Check();
        _caches.FlushNonGlobal();
    }

    /// <summary>
    /// Drops the translations of a page as if it had never been used. The PDE cache stays, and nothing is charged.
    /// </summary>
    /// <param name="linear">Any linear address in the page.</param>
    public void DropPage(uint linear) => _caches.DropPage(linear);

    /// <summary>INVPCID. Outside long mode the only PCID is 0.</summary>
    /// <param name="type">
    /// The register operand: 0 one address, 1 one PCID, 2 everything, 3 everything but global translations.
    /// </param>
    /// <param name="descriptorLow">Bits 63:0 of the descriptor, which the caller has read as data: the PCID in bits 11:0.</param>
    /// <param name="descriptorHigh">Bits 127:64 of the descriptor: the linear address.</param>
    /// <returns>None, or the exception to raise. The caller checks CPL and mode.</returns>
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

    /// <summary>Makes this MMU a reader of a log of invalidations that are carried out later.</summary>
    /// <param name="log">The log.</param>
    /// <param name="reader">Number of this MMU among the readers, from 0 on.</param>
    /// <exception cref="ArgumentNullException"><paramref name="log"/> is null.</exception>
    public void Join(InvalidationLog log, int reader)
    {
        ArgumentNullException.ThrowIfNull(log);
        _log = log;
        _logReader = reader;
    }

    /// <summary>Notes that the log has invalidations which this MMU must carry out before it next uses its caches.</summary>
    public void FallBehind()
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

    /// <summary>Carries out the invalidations in the log, if this MMU is behind.</summary>
    public void CatchUp()
    {
        if (_isBehind)
        {
            _isBehind = false;
            SuspendOrResumeHits();
            _log!.CatchUp(_logReader, _caches);
            _sibling?.CatchUp();
        }
    }

    /// <summary>
    /// Translates an address for an access, and leaves the access to the caller: A and D are set, caches are filled.
    /// </summary>
    /// <param name="linear">Linear byte address, any alignment. An access that crosses a page takes two calls.</param>
    /// <param name="access">What is done, and on whose behalf.</param>
    /// <returns>The physical byte address with the attributes of its page, or the page fault to deliver.</returns>
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

    /// <summary>Translates many addresses one after another, each as <see cref="Translate"/> does.</summary>
    /// <param name="linear">Linear byte addresses.</param>
    /// <param name="access">What is done at each, and on whose behalf.</param>
    /// <param name="results">Receives a result for each address; translation goes on after a fault.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="linear"/>.</exception>
    /// <remarks>
    /// The host fetches the table entries of several walks at once. That is faster where the tables exceed the host's caches.
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

    /// <summary>Translates an address as an access would, and changes nothing: no flag, no cached translation, no time.</summary>
    /// <param name="linear">Linear byte address.</param>
    /// <param name="access">What the access would do, and on whose behalf.</param>
    /// <returns>
    /// The result that the access would have. A cached translation decides, even a stale one, as it would for the access.
    /// </returns>
    public WalkResult Probe(uint linear, Access access)
    {
        _owner.Check();
        CatchUp();
        return _unit.Probe(_bus, linear, access);
    }

    /// <summary>Explains the result of <see cref="Probe"/>, and changes nothing either.</summary>
    /// <param name="linear">Linear byte address.</param>
    /// <param name="access">What the access would do, and on whose behalf.</param>
    /// <returns>Registers, table entries, cached translations, the result, and the rules behind a fault.</returns>
    /// <remarks>
    /// It allocates, and is made for people and debuggers. It reads the tables even where a cached translation decides.
    /// </remarks>
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
        if (side.AreHitsSuspended)
        {
            return TranslateSuspended(linear, access, side);
        }

        if (side.TryNext(linear, out ulong payload))
        {
            return _unit.AnswerFromNext(ref _bus, linear, access, side, payload);
        }

        TlbLookup found = side.LookUpOthers(linear);
        return found.Level == TlbHit.None
            ? Walk(linear, access, side)
            : _unit.Answer(ref _bus, linear, access, side, found);
    }

    /// <summary>Translates what no level of TLB holds, unless hits are suspended.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private WalkResult Walk(uint linear, Access access, TlbSide side) => side.AreHitsSuspended
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
