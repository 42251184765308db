using System.Runtime.CompilerServices;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
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

    // Calls through a readonly field whose type is a parameter would be made on a copy.
    private ref TTiming Timing => ref Unsafe.AsRef(in _timing);

    /// <summary>Translates an address with all side effects; paging is on.</summary>
    /// <param name="bus">The memory.</param>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // its one caller is what an MMU does on a miss
    public WalkResult Translate(ref TBus bus, uint linear, Access access)
    {
        if (HasTiming)
        {
            return TranslateModelled(ref bus, linear, access);
        }

        WalkResult result = _caches.HasArrays ? TranslateModelled(ref bus, linear, access) : TranslateUnmodelled(ref bus, linear, access);
        if (!result.IsFault)
        {
            _caches.Host.Fill(linear, Effective(access), result, _caches.Fills);
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

    private WalkResult TranslateModelled(ref TBus bus, uint linear, Access access)
    {
        TranslationCaches caches = _caches;
        TlbPath path = caches.PathOf(access);
        if (!HasTiming && path.Recent.TryUse(linear, access, out WalkResult recent))
        {
            return recent;
        }

        if (!caches.IsUsual(path))
        {
            return TranslateUnusual(ref bus, linear, access, path);
        }

        uint page = linear >> 12;
        PageTags tags = path.TagsOf(page);
        if (path.TryFindNearest(page, tags, out SetOfFour set, out ulong payload))
        {
            return UseNearest(ref bus, linear, access, path, payload);
        }

        if (!path.TryFindNext(page, tags, out payload))
        {
            return Miss(ref bus, linear, access, path);
        }

        ReportFoundNext(path, access);
        path.BringNearer(page, set, payload);
        return UseSmall(ref bus, linear, access, payload);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // once for each page, as long as it is remembered
    private WalkResult UseNearest(ref TBus bus, uint linear, Access access, TlbPath path, ulong payload)
    {
        _caches.Remember(linear, path, new TlbLookup(path.Nearest, payload));
        return UseSmall(ref bus, linear, access, payload);
    }

    /// <summary>What comes of a 4-KiB page that was found.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every second-level hit
    private WalkResult UseSmall(ref TBus bus, uint linear, Access access, ulong payload) =>
        _caches.Refuses(TlbLookup.AttributesOf(payload), access)
            ? RefuseCached(ref bus, linear, access, TlbLookup.AttributesOf(payload))
            : WalkResult.FromKept((payload & EntryBits.Frame) | (linear & 0xFFF), (uint)payload & 0xFFF);

    /// <summary>Tells the timing of the level that did not hold a translation which the next one held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few counts in every second-level hit
    private void ReportFoundNext(TlbPath path, Access access)
    {
        ref TTiming timing = ref Timing;
        if (path.Nearest == TlbHit.Load)
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
    private void ReportMissed(TlbPath path, Access access, TlbHit level)
    {
        ref TTiming timing = ref Timing;
        if (path.Nearest == TlbHit.Load)
        {
            timing.LoadLevelMissed();
        }

        if (level != TlbHit.First)
        {
            timing.FirstLevelMissed(access.IsFetch, _caches.HasSecondLevel, level == TlbHit.Second);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private WalkResult TranslateUnusual(ref TBus bus, uint linear, Access access, TlbPath path)
    {
        if (_disturber is not null)
        {
            Disturb(ref bus, _disturber, linear);
        }

        TlbLookup found = _caches.LookUp(linear, path);
        if (found.Level == path.Nearest)
        {
            _caches.Remember(linear, path, found);
        }
        else
        {
            if (found.Level == TlbHit.None)
            {
                return Miss(ref bus, linear, access, path);
            }

            ReportMissed(path, access, found.Level);
        }

        return _caches.Refuses(found.Attributes, access)
            ? RefuseCached(ref bus, linear, access, found.Attributes)
            : _caches.Translated(found, linear);
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

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private WalkResult Miss(ref TBus bus, uint linear, Access access, TlbPath path)
    {
        ReportMissed(path, access, TlbHit.None);
        access = Effective(access);
        WalkResult result = Walk(ref bus, linear, access);
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

    /// <summary>Walks, from the PDE cache if it can.</summary>
    private WalkResult Walk(ref TBus bus, uint linear, Access access)
    {
        ulong pde = _caches.LookUpPde(linear);
        if (pde == 0)
        {
            return WalkFromMemory(ref bus, linear, access);
        }

        ref TTiming timing = ref Timing;
        timing.WalkStarted();
        if (_control.State.Mode != PagingMode.Pae)
        {
            var observer = new TableCharger<TTiming>(_timing, _types, pde);
            return WalkTable(ref bus, ref observer, linear, access, pde);
        }

        // The usual walk in a straight line: an observer would be on the stack.
        ulong address = PageWalker.TableEntryAddress(pde, linear, in _control.State);
        ulong pte = bus.LoadEntry64(address);
        if (HasTiming)
        {
            timing.TableLoaded(address, _types.IsTableCached(address, pde));
        }

        return PageWalker.TryFinish(in _control.State, linear, access, pde, pte, out WalkResult result)
            ? _types.WithPatTypeOfPage(result)
            : WalkLeaf(ref bus, linear, access, pde, address, pte);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual walk small
    private WalkResult WalkLeaf(ref TBus bus, uint linear, Access access, ulong pde, ulong address, ulong pte)
    {
        var observer = new TableCharger<TTiming>(_timing, _types, pde);
        return _types.WithPatType(
            PageWalker.WalkLeaf(ref bus, ref observer, in _control.State, linear, access, pde, address, pte));
    }

    private WalkResult WalkFromMemory(ref TBus bus, uint linear, Access access)
    {
        if (!HasTiming && !_caches.HasPdeCache)
        {
            return _types.WithPatType(PageWalker.Walk(ref bus, in _control.State, linear, access));
        }

        ref TTiming timing = ref Timing;
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
