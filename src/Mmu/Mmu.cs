using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae;

/// <summary>The MMU of one logical processor: control registers, translation caches and accesses to memory.</summary>
/// <typeparam name="TBus">Physical memory.</typeparam>
/// <typeparam name="TTiming">What is told of the work; <see cref="NoTiming"/> for a functional MMU.</typeparam>
/// <remarks>
/// A guest's fault is a result. The caller delivers it and writes CR2. Belongs to one thread; several MMUs may share the
/// memory behind their buses, whose table entries they update atomically.
/// </remarks>
public sealed class Mmu<TBus, TTiming>
    where TBus : struct, IBus
    where TTiming : struct, ITiming
{
    private const uint PageSize = 4096;

    private readonly TranslationCaches _caches;
    private readonly ControlRegisters _control;
    private readonly TlbPermissionMiss _permissionMiss;
    private readonly TTiming _timing;
    private TBus _bus;

    /// <summary>Creates an MMU as it is after reset: paging off, nothing cached.</summary>
    /// <param name="bus">Physical memory.</param>
    /// <param name="timing">What is told of the work.</param>
    /// <param name="features">What CPUID enumerates.</param>
    /// <param name="tlbs">Translation caches; null for the coherent MMU, which walks on every access.</param>
    /// <param name="options">Choices the architecture leaves open; null for the defaults.</param>
    /// <exception cref="ArgumentException"><paramref name="features"/> or <paramref name="tlbs"/> cannot exist.</exception>
    public Mmu(TBus bus, TTiming timing, CpuFeatures features, TlbConfiguration? tlbs = null, PagingOptions? options = null)
    {
        _bus = bus;
        _timing = timing;
        _control = new ControlRegisters(features, options);
        _caches = new TranslationCaches(tlbs ?? TlbConfiguration.Coherent);
        _permissionMiss = (options ?? PagingOptions.Default).TlbPermissionMiss;
    }

    /// <summary>CR0.</summary>
    public Cr0 Cr0 => _control.Cr0;

    /// <summary>CR2; the caller writes it when it delivers a page fault.</summary>
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

    /// <summary>Control state as walks see it.</summary>
    public ref readonly PagingState State => ref _control.State;

    /// <summary>MOV to CR0. Flushes everything when it turns paging off.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0): nothing has changed.</returns>
    public bool WriteCr0(uint value) => Apply(_control.WriteCr0(value, ref _bus));

    /// <summary>MOV to CR3. Drops all translations but global ones, even if the value is unchanged.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0), a bad PDPTE: nothing has changed.</returns>
    public bool WriteCr3(uint value)
    {
        _timing.Cr3Written();
        return Apply(_control.WriteCr3(value, ref _bus));
    }

    /// <summary>MOV to CR4. A change of PGE or PAE, or setting SMEP, drops everything.</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0): nothing has changed.</returns>
    public bool WriteCr4(uint value)
    {
        _timing.Cr4Written(pgeChanged: (((Cr4)value ^ Cr4) & Cr4.PageGlobalEnable) != 0);
        return Apply(_control.WriteCr4(value, ref _bus));
    }

    /// <summary>WRMSR to IA32_EFER. Cached translations stay (Intel SDM lists no invalidation for it).</summary>
    /// <param name="value">The source operand.</param>
    /// <returns>False for #GP(0): nothing has changed.</returns>
    public bool WriteEfer(ulong value) => Apply(_control.WriteEfer(value));

    /// <summary>INVLPG: drops the page of an address, global or not, whole if it is a large one, and the PDE cache.</summary>
    /// <param name="linear">Any address in the page; it is not translated.</param>
    public void Invlpg(uint linear)
    {
        _timing.PageInvalidated();
        _caches.InvalidatePage(linear);
    }

    /// <summary>Translates an address as an access would, with all its side effects, without touching the data.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <returns>The physical address, or the page fault to deliver.</returns>
    public WalkResult Translate(uint linear, Access access)
    {
        if (_control.State.Mode == PagingMode.None)
        {
            return PageWalker.Walk(ref _bus, in _control.State, linear, access);
        }

        if (!_caches.TryTranslate(linear, access.IsFetch, out WalkResult cached))
        {
            return Walk(linear, access);
        }

        if (AccessRights.Denies(_control.State.Denied, access, cached.Attributes))
        {
            return RefuseCached(linear, access);
        }

        // A clean entry cannot serve a write: D must be set in memory first.
        return access.IsWrite && (cached.Attributes & PageAttributes.Dirty) == 0 ? Rewalk(linear, access) : cached;
    }

    /// <summary>Loads a value.</summary>
    /// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
    /// <param name="linear">Byte address, any alignment; may cross a page boundary, and wraps at 4 GiB.</param>
    /// <param name="access">By whom, and whether data or code is read.</param>
    /// <param name="value">The value; undefined after a fault.</param>
    /// <returns>Whether it faulted, and how.</returns>
    public AccessResult Read<T>(uint linear, Access access, out T value)
        where T : unmanaged
    {
        Unsafe.SkipInit(out value);
        if ((linear & (PageSize - 1)) + (uint)Unsafe.SizeOf<T>() > PageSize)
        {
            return ReadCrossing(linear, access, MemoryMarshal.AsBytes(new Span<T>(ref value)));
        }

        WalkResult result = Translate(linear, access);
        if (result.IsFault)
        {
            return AccessResult.Faulted(result.Fault);
        }

        _timing.DataAccessed(result.PhysicalAddress);
        value = _bus.Load<T>(result.PhysicalAddress);
        return default;
    }

    /// <summary>Stores a value. A fault on either page of a crossing store writes nothing.</summary>
    /// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
    /// <param name="linear">Byte address, any alignment; may cross a page boundary, and wraps at 4 GiB.</param>
    /// <param name="access">A write, and by whom.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it faulted, and how.</returns>
    public AccessResult Write<T>(uint linear, Access access, T value)
        where T : unmanaged
    {
        if ((linear & (PageSize - 1)) + (uint)Unsafe.SizeOf<T>() > PageSize)
        {
            return WriteCrossing(linear, access, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
        }

        WalkResult result = Translate(linear, access);
        if (result.IsFault)
        {
            return AccessResult.Faulted(result.Fault);
        }

        _timing.DataAccessed(result.PhysicalAddress);
        _bus.Store(result.PhysicalAddress, value);
        return default;
    }

    /// <summary>A locked compare-exchange of eight bytes (CMPXCHG8B): one translation with write intent, whatever it finds.</summary>
    /// <param name="linear">Byte address, a multiple of 8.</param>
    /// <param name="access">A read-modify-write, and by whom.</param>
    /// <param name="expected">The value to replace.</param>
    /// <param name="desired">The value to store.</param>
    /// <param name="swapped">Whether memory held the expected value; D is set all the same.</param>
    /// <returns>Whether it faulted, and how.</returns>
    /// <exception cref="ArgumentException"><paramref name="linear"/> is not a multiple of 8.</exception>
    public AccessResult CompareExchange(uint linear, Access access, ulong expected, ulong desired, out bool swapped)
    {
        swapped = false;
        if ((linear & 7) != 0)
        {
            ThrowMisaligned(linear);
        }

        WalkResult result = Translate(linear, access);
        if (result.IsFault)
        {
            return AccessResult.Faulted(result.Fault);
        }

        _timing.DataAccessed(result.PhysicalAddress);
        swapped = _bus.UpdateEntry64(result.PhysicalAddress, expected, desired) != EntryUpdate.Changed;
        return default;
    }

    [DoesNotReturn]
    private static void ThrowMisaligned(uint linear) =>
        throw new ArgumentException($"A locked access to eight bytes at {linear:X8}h is not aligned.", nameof(linear));

    private AccessResult ReadCrossing(uint linear, Access access, Span<byte> destination)
    {
        int inFirst = (int)(PageSize - (linear & (PageSize - 1)));
        WalkResult first = Translate(linear, access);
        if (first.IsFault)
        {
            return AccessResult.Faulted(first.Fault);
        }

        WalkResult second = Translate(linear + (uint)inFirst, access);
        if (second.IsFault)
        {
            return AccessResult.Faulted(second.Fault);
        }

        _timing.DataAccessed(first.PhysicalAddress);
        _bus.Read(first.PhysicalAddress, destination[..inFirst]);
        _timing.DataAccessed(second.PhysicalAddress);
        _bus.Read(second.PhysicalAddress, destination[inFirst..]);
        return default;
    }

    private AccessResult WriteCrossing(uint linear, Access access, ReadOnlySpan<byte> source)
    {
        int inFirst = (int)(PageSize - (linear & (PageSize - 1)));
        WalkResult first = Translate(linear, access);
        if (first.IsFault)
        {
            return AccessResult.Faulted(first.Fault);
        }

        WalkResult second = Translate(linear + (uint)inFirst, access);
        if (second.IsFault)
        {
            return AccessResult.Faulted(second.Fault);
        }

        _timing.DataAccessed(first.PhysicalAddress);
        _bus.Write(first.PhysicalAddress, source[..inFirst]);
        _timing.DataAccessed(second.PhysicalAddress);
        _bus.Write(second.PhysicalAddress, source[inFirst..]);
        return default;
    }

    private bool Apply(ControlWrite write)
    {
        switch (write.Invalidation)
        {
            case Invalidation.NonGlobal:
                _caches.FlushNonGlobal();
                break;
            case Invalidation.All:
                _caches.FlushAll();
                break;
        }

        _caches.LargePageShift = _control.State.Mode == PagingMode.TwoLevel ? 22 : 21;
        return !write.GeneralProtection;
    }

    private WalkResult RefuseCached(uint linear, Access access)
    {
        if (_permissionMiss == TlbPermissionMiss.Rewalk)
        {
            return Rewalk(linear, access);
        }

        _caches.InvalidateFaulting(linear);
        return PageWalker.Fault(in _control.State, linear, access, PageFaultErrorCode.Present);
    }

    /// <summary>Walks although a translation is cached, and forgets that one whatever its page size was.</summary>
    private WalkResult Rewalk(uint linear, Access access)
    {
        _caches.InvalidateFaulting(linear);
        return Walk(linear, access);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private WalkResult Walk(uint linear, Access access)
    {
        _timing.WalkStarted();
        var observer = new WalkRecorder<TTiming>(_timing);
        ref readonly PagingState state = ref _control.State;
        WalkResult result;
        if (state.Mode == PagingMode.Pae && _caches.TryGetPde(linear, out ulong pde))
        {
            result = PageWalker.WalkTable(ref _bus, ref observer, in state, linear, access, pde);
        }
        else
        {
            result = PageWalker.Walk(ref _bus, ref observer, in state, linear, access);
            if (_caches.HasPdeCache && observer.TryGetTablePde(out pde))
            {
                _caches.FillPde(linear, pde);
            }
        }

        if (result.IsFault)
        {
            _caches.InvalidateFaulting(linear);
        }
        else
        {
            _caches.Fill(linear, access.IsFetch, result);
        }

        return result;
    }
}
