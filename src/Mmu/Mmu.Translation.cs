using System.Runtime.CompilerServices;
using X86Pae.Explaining;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae;

/// <content>From a linear address to a physical one: what is cached, walks, and explanations.</content>
public sealed partial class Mmu<TBus, TTiming>
{
    /// <summary>Translates an address as an access would, with all its side effects, without touching the data.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <returns>The physical address, or the page fault to deliver.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // so that a recent translation costs no call
    public WalkResult Translate(uint linear, Access access)
    {
        _owner.Check();
        _timing.TranslationRequested();
        bool isRecent = HasTiming
            ? _recent[access.Class].TryUse(linear, access, out WalkResult recent)
            : _caches.Host.TryTranslate(linear, access, out recent);
        return isRecent ? recent : TranslateFurther(linear, access);
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
        var bus = new ReadOnlyBus<TBus>(_bus);
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

    /// <summary>Explains what <see cref="Probe"/> would answer, and why, with as little trace.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What would be done, and by whom.</param>
    /// <returns>Registers, tables, what is cached and since when, the result, and the rule behind a fault.</returns>
    /// <remarks>Allocates: it is for people and debuggers. The tables are read even where something cached decides.</remarks>
    public WalkExplanation Explain(uint linear, Access access)
    {
        _owner.Check();
        CatchUp();
        return WalkExplainer.Explain(ref _bus, _control, linear, Effective(access), _caches, _options.TlbPermissionMiss);
    }

    // A constant to the JIT in each instantiation.
    private static bool HasTiming => typeof(TTiming) != typeof(NoTiming);

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private WalkResult TranslateFurther(uint linear, Access access)
    {
        CatchUp();
        if (_control.State.Mode == PagingMode.None)
        {
            return PageWalker.Walk(ref _bus, in _control.State, linear, access);
        }

        if (HasTiming)
        {
            return TranslateModelled(linear, access);
        }

        WalkResult result = _caches.HasArrays ? TranslateModelled(linear, access) : TranslateUnmodelled(linear, access);
        if (!result.IsFault)
        {
            _caches.Host.Fill(linear, Effective(access), result, _caches.Fills);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // its one caller is the miss path of a functional MMU
    private WalkResult TranslateUnmodelled(uint linear, Access access)
    {
        WalkResult result = _types.WithPatType(PageWalker.Walk(ref _bus, in _control.State, linear, Effective(access)));
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

    private WalkResult TranslateModelled(uint linear, Access access)
    {
        if (!HasTiming && _recent[access.Class].TryUse(linear, access, out WalkResult recent))
        {
            return recent;
        }

        if (_disturber is not null)
        {
            Disturb(_disturber, linear);
        }

        TlbPath path = _caches.PathOf(access);
        TlbLookup found = _caches.LookUp(linear, path);
        if (found.Level == path.Nearest)
        {
            _caches.Remember(linear, path, found);
        }
        else
        {
            if (path.Nearest == TlbHit.Load)
            {
                _timing.LoadLevelMissed();
            }

            if (found.Level != TlbHit.First)
            {
                _timing.FirstLevelMissed(access.IsFetch, _caches.HasSecondLevel, found.Level == TlbHit.Second);
            }

            if (found.Level == TlbHit.None)
            {
                return Miss(linear, access);
            }
        }

        return _caches.Refuses(found.Attributes, access)
            ? RefuseCached(linear, access, found.Attributes)
            : _caches.Translated(found, linear);
    }

    private Access Effective(Access access) => _options.ImplicitHonoursAlignmentCheck ? access.HonouringAlignmentCheck : access;

    /// <summary>Answers an access that the translation that is held must not serve: it is denied, or writes to a clean page.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private WalkResult RefuseCached(uint linear, Access access, PageAttributes attributes)
    {
        access = Effective(access);
        if (_options.TlbPermissionMiss == TlbPermissionMiss.FaultNow
            && AccessRights.Denies(_control.State.Denied, access, attributes))
        {
            InvalidateFaulting(linear);
            return PageWalker.Fault(in _control.State, linear, access, PageFaultErrorCode.Present);
        }

        return Rewalk(linear, access);
    }

    /// <summary>Walks from memory although something is cached, and replaces that whatever its page size was.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private WalkResult Rewalk(uint linear, Access access)
    {
        WalkResult result = WalkFromMemory(linear, access);
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
    private WalkResult Miss(uint linear, Access access)
    {
        access = Effective(access);
        WalkResult result = Walk(linear, access);
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
    private WalkResult Walk(uint linear, Access access)
    {
        ulong pde = _caches.LookUpPde(linear);
        if (pde == 0)
        {
            return WalkFromMemory(linear, access);
        }

        _timing.WalkStarted();
        var observer = new TableCharger<TTiming>(_timing, _types, pde);
        return WalkTable(ref _bus, ref observer, linear, access, pde);
    }

    private WalkResult WalkFromMemory(uint linear, Access access)
    {
        if (!HasTiming && !_caches.HasPdeCache)
        {
            return _types.WithPatType(PageWalker.Walk(ref _bus, in _control.State, linear, access));
        }

        _timing.WalkStarted();
        var observer = new WalkRecorder<TTiming>(_timing, _types, _control.State.Parent(linear));
        WalkResult result = _types.WithPatType(PageWalker.Walk(ref _bus, ref observer, in _control.State, linear, access));
        if (_caches.HasPdeCache && observer.TryGetTablePde(out ulong pde))
        {
            _caches.FillPde(linear, pde);
        }

        return result;
    }

    private WalkResult WalkTable<TMemory, TObserver>(
        ref TMemory bus, ref TObserver observer, uint linear, Access access, ulong pde)
        where TMemory : struct, IBus
        where TObserver : struct, IWalkObserver => _types.WithPatType(_control.State.Mode == PagingMode.Pae
            ? PageWalker.WalkTable(ref bus, ref observer, in _control.State, linear, access, pde)
            : TwoLevelWalker.WalkTable(ref bus, ref observer, in _control.State, linear, access, (uint)pde));

    /// <summary>Loses an entry, or fills one on speculation, if the random sequence says so.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private void Disturb(Disturber disturber, uint linear)
    {
        if (disturber.ShouldEvict(out ulong random))
        {
            _caches.EvictAny(random);
        }

        if (disturber.ShouldSpeculate(linear, out uint target, out Access access)
            && !_caches.TryPeek(target, access, out _, out _))
        {
            WalkResult result = Walk(target, access);
            if (!result.IsFault)
            {
                _caches.Fill(target, access, result);
            }
        }
    }
}
