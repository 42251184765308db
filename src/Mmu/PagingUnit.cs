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
    private readonly Disturber? _disturber;

    /// <summary>Creates the unit of an MMU.</summary>
    /// <param name="caches">What it looks into and fills.</param>
    /// <param name="control">Control registers.</param>
    /// <param name="types">Memory types.</param>
    /// <param name="timing">What is told of the work.</param>
    /// <param name="options">Choices the architecture leaves open.</param>
    /// <param name="disturber">What evicts and speculates at random; null for nothing.</param>
    public PagingUnit(
        TranslationCaches caches,
        ControlRegisters control,
        MemoryTyping types,
        TTiming timing,
        PagingOptions options,
        Disturber? disturber)
    {
        _caches = caches;
        _control = control;
        _types = types;
        _timing = timing;
        _options = options;
        _disturber = disturber;
    }

    // A constant to the JIT in each instantiation.
    private static bool HasTiming => typeof(TTiming) != typeof(NoTiming);

    /// <summary>Translates an address with all side effects; paging is on.</summary>
    /// <param name="bus">The memory.</param>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    public WalkResult Translate(ref TBus bus, uint linear, Access access)
    {
        WalkResult result = HasTiming || _caches.HasArrays
            ? TranslateModelled(ref bus, linear, access)
            : TranslateUnmodelled(ref bus, linear, access);
        if (!HasTiming && !result.IsFault)
        {
            _caches.Host.Fill(linear, Effective(access), result, _caches.Fills);
        }

        return result;
    }

    /// <summary>The same in a straight line, where there is a next level.</summary>
    /// <param name="bus">The memory.</param>
    /// <param name="linear">Byte address of a page that the nearest level does not hold.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="path">Its path, which is not obstructed.</param>
    /// <remarks>
    /// A method of its own, so that other misses need no registers for it, and compiled at once: laid out by a profile of its first
    /// calls it was measured to be slower.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public unsafe WalkResult TranslateInNext(ref TBus bus, uint linear, Access access, StraightPath* path)
    {
        return path->TryUseNext(linear, out ulong payload) ? UseNext(ref bus, linear, access, path, payload)
            : path->HasOtherNext ? TranslateInOtherNext(ref bus, linear, access, path)
            : Miss(ref bus, linear, access, path);
    }

    /// <summary>The same where the next level has other sets than of four.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the second-level hit small
    private unsafe WalkResult TranslateInOtherNext(ref TBus bus, uint linear, Access access, StraightPath* path)
    {
        ulong payload = _caches.LookUpNext(linear, access);
        return payload != 0 ? UseNext(ref bus, linear, access, path, payload) : Miss(ref bus, linear, access, path);
    }

    /// <summary>Answers from what the next level holds, and brings it nearer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most of a second-level hit
    private unsafe WalkResult UseNext(ref TBus bus, uint linear, Access access, StraightPath* path, ulong payload)
    {
        ReportFoundNext(path, access);
        return path->Refuses(payload) || !path->TryBringNearer(linear, payload)
            ? UseNextCarefully(ref bus, linear, access, path, payload)
            : TlbLookup.TranslatedSmall(payload, linear);
    }

    /// <summary>The same where a way may be empty, or the access is refused.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the second-level hit small
    private unsafe WalkResult UseNextCarefully(ref TBus bus, uint linear, Access access, StraightPath* path, ulong payload)
    {
        _caches.BringNearer(linear, access, payload);
        return path->Refuses(payload)
            ? RefuseCached(ref bus, linear, access, TlbLookup.AttributesOf(payload))
            : TlbLookup.TranslatedSmall(payload, linear);
    }

    /// <summary>Translates by a walk, and fills.</summary>
    /// <param name="bus">The memory.</param>
    /// <param name="linear">Byte address of a page that no level holds.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="path">Its path.</param>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps hits small
    public unsafe WalkResult Miss(ref TBus bus, uint linear, Access access, StraightPath* path)
    {
        ControlRegisters control = _control;
        if (control.State.Mode != PagingMode.Pae
            || !_caches.TryUsePaePde(linear, out ulong pde)
            || (HasTiming && !_types.IsPlainTable(pde)))
        {
            return MissFurther(ref bus, linear, access, path);
        }

        // The usual walk: an observer would be on the stack.
        ulong address = PageWalker.TableEntryAddress(pde, linear, in control.State);
        ulong pte = bus.LoadEntry64(address);
        PageAttributes rights = PageWalker.Rights(pde & pte, pde | pte);
        PageAttributes leaf = PageWalker.LeafAttributes(pte, in control.State);
        ulong verdict = AccessRights.JoinVerdictIndex(rights, leaf);
        ulong frame = pte & control.State.FrameMask;
        ulong kept = WalkResult.KeptOf(rights | leaf, MemoryTypes.PatTypeOf(control.Pat, leaf));
        if (!PageWalker.IsUsedPage(pte, in control.State) || path->RefusesVerdict(verdict))
        {
            ReportMissed(path, access, TlbHit.None);
            return Fill(linear, access, WalkLeaf(ref bus, linear, Effective(access), pde, address, pte));
        }

        ulong payload = TlbLookup.SmallPayloadOf(frame, kept, verdict);
        if (!path->TryFill(linear, payload))
        {
            return FillCarefully(linear, access, path, payload, address);
        }

        ReportUsualWalk(path, access, address);
        return WalkResult.FromKept(frame | (linear & 0xFFF), kept);
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
            NoObserver observer = default;
            ulong pde = _caches.PeekPde(linear, out _);
            return pde != 0
                ? WalkTable(ref bus, ref observer, linear, access, pde)
                : _types.WithPatType(PageWalker.Walk(ref bus, in _control.State, linear, access));
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

    private unsafe WalkResult TranslateModelled(ref TBus bus, uint linear, Access access)
    {
        StraightPath* straight = _caches.StraightPaths + access.Class;
        TlbPath path = _caches.PathOf(access);
        if (!HasTiming) // a timed MMU has asked itself
        {
            if (straight->TryUseNearest(linear, out ulong payload))
            {
                return straight->Refuses(payload)
                    ? RefuseCached(ref bus, linear, access, TlbLookup.AttributesOf(payload))
                    : TlbLookup.TranslatedSmall(payload, linear);
            }

            if (path.Recent.TryUse(linear, access, out WalkResult recent))
            {
                return recent;
            }
        }

        if (_disturber is not null)
        {
            Disturb(ref bus, _disturber, linear);
        }

        TlbLookup found = _caches.LookUp(linear, path);
        if (found.Level == TlbHit.None)
        {
            return Miss(ref bus, linear, access, straight);
        }

        if (found.Level == path.Nearest)
        {
            _caches.Remember(linear, path, found);
        }
        else
        {
            ReportMissed(straight, access, found.Level);
        }

        return straight->Refuses(found.Payload)
            ? RefuseCached(ref bus, linear, access, found.Attributes)
            : _caches.Translated(found, linear);
    }

    /// <summary>Tells the timing of a miss, and of a walk from the PDE cache through a table that may be cached.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every walk
    private unsafe void ReportUsualWalk(StraightPath* path, Access access, ulong address)
    {
        ReportMissed(path, access, TlbHit.None);
        TTiming timing = _timing;
        timing.WalkStarted();
        timing.TableLoaded(address, isCached: true);
    }

    /// <summary>Tells the timing of the level that did not hold a translation which the next one held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few counts in every second-level hit
    private unsafe void ReportFoundNext(StraightPath* path, Access access)
    {
        TTiming timing = _timing;
        if (path->IsOfLoads)
        {
            timing.LoadLevelMissed();
        }
        else
        {
            timing.FirstLevelMissed(access.IsFetch, hasSecondLevel: true, inSecondLevel: true);
        }
    }

    /// <summary>Tells the timing of the levels that did not hold a translation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few counts in every TLB miss
    private unsafe void ReportMissed(StraightPath* path, Access access, TlbHit level)
    {
        TTiming timing = _timing;
        if (path->IsOfLoads)
        {
            timing.LoadLevelMissed();
        }

        if (level != TlbHit.First)
        {
            timing.FirstLevelMissed(access.IsFetch, path->HasSecondLevel, level == TlbHit.Second);
        }
    }

    /// <summary>Answers an access that the translation that is held must not serve: it is denied, or writes to a clean page.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private WalkResult RefuseCached(ref TBus bus, uint linear, Access access, PageAttributes attributes)
    {
        access = Effective(access);
        if (_options.TlbPermissionMiss == TlbPermissionMiss.FaultNow
            && AccessRights.Denies(_control.State.Denied, access, attributes))
        {
            InvalidateFaulting(linear);
            return PageWalker.Fault(in _control.State, linear, access, PageFaultErrorCode.Present);
        }

        return Rewalk(ref bus, linear, access);
    }

    /// <summary>Walks from memory although something is cached, and replaces that whatever its page size was.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private WalkResult Rewalk(ref TBus bus, uint linear, Access access)
    {
        WalkResult result = WalkFromMemory(ref bus, linear, access);
        if (result.IsFault)
        {
            InvalidateFaulting(linear);
        }
        else
        {
            _caches.Replace(linear, access, result);
        }

        return result;
    }

    /// <summary>The end of the usual walk where a way may be empty, or the levels have other sets.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual walk small
    private unsafe WalkResult FillCarefully(uint linear, Access access, StraightPath* path, ulong payload, ulong address)
    {
        _caches.FillOtherwise(linear, access, path, payload);
        ReportUsualWalk(path, access, address);
        return TlbLookup.TranslatedSmall(payload, linear);
    }

    /// <summary>Any miss.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual walk small
    private unsafe WalkResult MissFurther(ref TBus bus, uint linear, Access access, StraightPath* path)
    {
        ReportMissed(path, access, TlbHit.None);
        return Fill(linear, access, Walk(ref bus, linear, Effective(access)));
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
            PageWalker.WalkLeaf(ref bus, ref observer, in _control.State, linear, access, pde, address, pte));
    }

    /// <summary>Keeps what a walk came to, if it is no fault.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual walk small
    private WalkResult Fill(uint linear, Access access, WalkResult result)
    {
        if (result.IsFault)
        {
            InvalidateFaulting(linear);
        }
        else
        {
            _caches.Fill(linear, access, result);
        }

        return result;
    }

    private void InvalidateFaulting(uint linear)
    {
        if (_options.FaultInvalidates)
        {
            _caches.InvalidateFaulting(linear);
        }
    }

    /// <summary>Walks, from an entry of the PDE cache if there is one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual walk small
    private WalkResult Walk(ref TBus bus, uint linear, Access access)
    {
        ulong pde = _caches.LookUpPde(linear);
        if (pde == 0)
        {
            return WalkFromMemory(ref bus, linear, access);
        }

        TTiming timing = _timing;
        timing.WalkStarted();
        var observer = new TableCharger<TTiming>(_timing, _types, pde);
        return WalkTable(ref bus, ref observer, linear, access, pde);
    }

    private WalkResult WalkFromMemory(ref TBus bus, uint linear, Access access)
    {
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

    private WalkResult WalkTable<TMemory, TObserver>(
        ref TMemory bus, ref TObserver observer, uint linear, Access access, ulong pde)
        where TMemory : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver => _types.WithPatType(_control.State.Mode == PagingMode.Pae
            ? PageWalker.WalkTable(ref bus, ref observer, in _control.State, linear, access, pde)
            : TwoLevelWalker.WalkTable(ref bus, ref observer, in _control.State, linear, access, (uint)pde));

    /// <summary>Loses an entry, or fills one on speculation, if the random sequence says so.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private void Disturb(ref TBus bus, Disturber disturber, uint linear)
    {
        if (disturber.ShouldEvict(out ulong random))
        {
            _caches.EvictAny(random);
        }

        if (disturber.ShouldSpeculate(linear, out uint target, out Access access)
            && !_caches.TryPeek(target, access, out _, out _))
        {
            WalkResult result = Walk(ref bus, target, access);
            if (!result.IsFault)
            {
                _caches.Fill(target, access, result);
            }
        }
    }
}
