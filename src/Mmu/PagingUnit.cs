using System.Runtime.CompilerServices;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae;

/// <summary>What answers where recent translations do not: looks into the TLBs, walks, fills, and tells the timing of it.</summary>
/// <typeparam name="TBus">Physical memory; passed along, since the MMU owns it.</typeparam>
/// <typeparam name="TTiming">What is told of the work.</typeparam>
internal sealed class PagingUnit<TBus, TTiming>
    where TBus : struct, IBus
    where TTiming : struct, ITiming
{
    private readonly TranslationCaches _caches;
    private readonly ControlRegisters _control;
    private readonly PagingOptions _options;
    private readonly MemoryTyping _types;
    private readonly TTiming _timing;
    private readonly RandomEvictions? _random;

    /// <summary>Creates the unit of an MMU.</summary>
    /// <param name="caches">What it looks into and fills.</param>
    /// <param name="control">Control registers.</param>
    /// <param name="types">Memory types.</param>
    /// <param name="timing">What is told of the work.</param>
    /// <param name="options">Choices the architecture leaves open.</param>
    /// <param name="random">What evicts and speculates at random; null for nothing.</param>
    public PagingUnit(
        TranslationCaches caches,
        ControlRegisters control,
        MemoryTyping types,
        TTiming timing,
        PagingOptions options,
        RandomEvictions? random)
    {
        _caches = caches;
        _control = control;
        _types = types;
        _timing = timing;
        _options = options;
        _random = random;
    }

    // A constant to the JIT in each instantiation.
    private static bool HasTiming => typeof(TTiming) != typeof(NoTiming);

    /// <summary>Translates an address with all side effects; paging is on.</summary>
    /// <param name="bus">The memory.</param>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="side">What the access asks.</param>
    public WalkResult Translate(ref TBus bus, uint linear, Access access, TlbSide side)
    {
        if (_random is not null)
        {
            Disturb(ref bus, _random, linear);
        }

        WalkResult result = HasTiming || _caches.HasArrays
            ? TranslateModelled(ref bus, linear, access, side)
            : TranslateUnmodelled(ref bus, linear, access);
        if (!HasTiming && !result.IsFault)
        {
            _caches.Host.Fill(linear, Effective(access), result, _caches.Fills);
        }

        return result;
    }

    /// <summary>Answers from what <see cref="TlbSide.TryNext"/> has found.</summary>
    /// <param name="bus">The memory.</param>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="side">What the access has asked.</param>
    /// <param name="payload">What is held of the 4-KiB page.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most of a second-level hit
    public WalkResult AnswerFromNext(ref TBus bus, uint linear, Access access, TlbSide side, ulong payload)
    {
        ReportMissed(side, access, side.HasLoadLevel ? TlbHit.First : TlbHit.Second);
        return side.Refuses(payload, access)
            ? TranslateRefused(ref bus, linear, access, payload)
            : TlbLookup.Translated(payload, linear & (GuestPage.SizeInBytes - 1));
    }

    /// <summary>Answers from what a lookup has found.</summary>
    /// <param name="bus">The memory.</param>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="side">What the access has asked.</param>
    /// <param name="found">What was found; not a miss.</param>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual second-level hit small
    public WalkResult Answer(ref TBus bus, uint linear, Access access, TlbSide side, TlbLookup found)
    {
        ReportMissed(side, access, found.Level);
        return side.Refuses(found.Payload, access)
            ? TranslateRefused(ref bus, linear, access, found.Payload)
            : side.Translated(found.Payload, linear);
    }

    /// <summary>Answers an access that the translation that is held must not serve: it is denied, or writes to a clean page.</summary>
    /// <param name="bus">The memory.</param>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="payload">What is held.</param>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    public WalkResult TranslateRefused(ref TBus bus, uint linear, Access access, ulong payload)
    {
        access = Effective(access);
        if (_options.TlbPermissionMiss == TlbPermissionMiss.FaultNow
            && AccessRights.Denies(_control.State.Denied, access, TlbLookup.AttributesOf(payload)))
        {
            InvalidateFaulting(linear);
            return PageWalker.Fault(in _control.State, linear, access, PageFaultErrorCode.Present);
        }

        WalkResult result = WalkFromMemory(ref bus, linear, access);
        if (result.IsFault)
        {
            InvalidateFaulting(linear);
        }
        else
        {
            _caches.Replace(linear, access, result); // whatever the size of the page was
        }

        return result;
    }

    /// <summary>Translates as the next access would, without a trace.</summary>
    /// <param name="memory">The memory; nothing is written to it.</param>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What would be done, and by whom.</param>
    public WalkResult Probe(TBus memory, uint linear, Access access)
    {
        var bus = new ReadOnlyBus<TBus>(memory);
        access = Effective(access);
        if (_control.State.Mode == PagingMode.None || !_caches.TryPeek(linear, access, out WalkResult cached, out _))
        {
            ulong pde = _caches.PeekPde(linear, out _);
            return _types.WithPatType(pde != 0
                ? PageWalker.WalkTable(ref bus, in _control.State, linear, access, pde)
                : PageWalker.Walk(ref bus, in _control.State, linear, access));
        }

        bool denied = AccessRights.Denies(_control.State.Denied, access, cached.Attributes);
        bool clean = access.IsWrite && (cached.Attributes & PageAttributes.Dirty) == 0;
        return denied && _options.TlbPermissionMiss == TlbPermissionMiss.FaultNow
            ? PageWalker.Fault(in _control.State, linear, access, PageFaultErrorCode.Present)
            : denied || clean ? _types.WithPatType(PageWalker.Walk(ref bus, in _control.State, linear, access)) : cached;
    }

    /// <summary>The access as the rules see it; see <see cref="PagingOptions.ImplicitHonoursAlignmentCheck"/>.</summary>
    /// <param name="access">The access.</param>
    public Access Effective(Access access) => _options.ImplicitHonoursAlignmentCheck ? access.HonouringAlignmentCheck : access;

    private WalkResult TranslateModelled(ref TBus bus, uint linear, Access access, TlbSide side)
    {
        TlbLookup found = side.LookUp(linear);
        return found.Level == TlbHit.None
            ? WalkAndFill(ref bus, linear, access, side)
            : Answer(ref bus, linear, access, side, found);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // its one caller is the miss path of a functional MMU
    private WalkResult TranslateUnmodelled(ref TBus bus, uint linear, Access access)
    {
        WalkResult result = _types.WithPatType(PageWalker.Walk(ref bus, in _control.State, linear, Effective(access)));
        if (result.IsFault)
        {
            InvalidateFaulting(linear);
        }
        else
        {
            _caches.CountFill();
        }

        return result;
    }

    /// <summary>Translates what no level of TLB holds.</summary>
    /// <param name="bus">The memory.</param>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="side">What the access has asked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a frame less in every walk
    public WalkResult WalkAndFill(ref TBus bus, uint linear, Access access, TlbSide side)
    {
        ReportMissed(side, access, TlbHit.None);
        WalkResult result = Walk(ref bus, linear, access);
        if (result.IsFault)
        {
            InvalidateFaulting(linear);
        }
        else
        {
            side.Fill(linear, result);
        }

        return result;
    }

    /// <summary>Tells the timing of the levels that did not hold a translation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few counts in every TLB miss
    private void ReportMissed(TlbSide side, Access access, TlbHit found)
    {
        TTiming timing = _timing;
        if (side.HasLoadLevel && found != TlbHit.Load)
        {
            timing.LoadLevelMissed();
        }

        if (found is TlbHit.None or TlbHit.Second)
        {
            timing.FirstLevelMissed(access.IsFetch, side.HasSecondLevel, found == TlbHit.Second);
        }
    }

    private void InvalidateFaulting(uint linear)
    {
        if (_options.FaultInvalidates)
        {
            _caches.InvalidateFaulting(linear);
        }
    }

    /// <summary>Walks, from an entry of the PDE cache if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most of a TLB miss
    private WalkResult Walk(ref TBus bus, uint linear, Access access)
    {
        ulong pde = _caches.LookUpPde(linear);
        if (pde == 0 || _control.State.Mode != PagingMode.Pae)
        {
            return pde == 0 ? WalkFromMemory(ref bus, linear, access) : WalkTwoLevelTable(ref bus, linear, access, pde);
        }

        // The usual walk. An observer would be on the stack.
        ulong address = PageWalker.TableEntryAddress(pde, linear, in _control.State);
        ulong pte = bus.LoadEntry64(address);
        if (!PageWalker.TryFinish(in _control.State, linear, access, pde, pte, out WalkResult result))
        {
            return WalkLeaf(ref bus, linear, access, pde, address, pte);
        }

        TTiming timing = _timing;
        timing.WalkStarted();
        if (typeof(TTiming) != typeof(NoTiming)) // the functional MMU asks for no memory type
        {
            timing.TableLoaded(address, _types.IsTableCached(address, pde));
        }

        return _types.WithPatType(result);
    }

    /// <summary>A walk under PAE from a directory entry of the PDE cache and a table entry as it was read, whatever that is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual walk small
    private WalkResult WalkLeaf(ref TBus bus, uint linear, Access access, ulong pde, ulong address, ulong pte)
    {
        TTiming timing = _timing;
        timing.WalkStarted();
        var observer = new TableCharger<TTiming>(_timing, _types, pde);
        observer.EntryLoaded(WalkLevel.Pte, address, pte);
        return _types.WithPatType(
            PageWalker.WalkLeaf(ref bus, ref observer, in _control.State, linear, Effective(access), pde, address, pte));
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual walk small
    private WalkResult WalkTwoLevelTable(ref TBus bus, uint linear, Access access, ulong pde)
    {
        TTiming timing = _timing;
        timing.WalkStarted();
        var observer = new TableCharger<TTiming>(_timing, _types, pde);
        return _types.WithPatType(
            TwoLevelWalker.WalkTable(ref bus, ref observer, in _control.State, linear, Effective(access), (uint)pde));
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual walk small
    private WalkResult WalkFromMemory(ref TBus bus, uint linear, Access access)
    {
        access = Effective(access);
        if (!HasTiming && !_caches.HasPdeCache)
        {
            return _types.WithPatType(PageWalker.Walk(ref bus, in _control.State, linear, access));
        }

        TTiming timing = _timing;
        timing.WalkStarted();
        var observer = new WalkRecorder<TTiming>(_timing, _types, _control.State.Parent(linear));
        WalkResult result = _types.WithPatType(PageWalker.Walk(ref bus, ref observer, in _control.State, linear, access));
        if (_caches.HasPdeCache && observer.TryGetTablePde(out ulong pde))
        {
            _caches.FillPde(linear, pde);
        }

        return result;
    }

    /// <summary>Loses an entry, or fills one on speculation, if the random sequence says so.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private void Disturb(ref TBus bus, RandomEvictions random, uint linear)
    {
        if (random.ShouldEvict(out ulong place))
        {
            _caches.EvictAny(place);
        }

        if (random.ShouldSpeculate(linear, out uint target, out Access access)
            && !_caches.TryPeek(target, access, out _, out _))
        {
            WalkResult result = Walk(ref bus, target, access);
            if (!result.IsFault)
            {
                _caches.SideOf(access).Fill(target, result);
            }
        }
    }
}
