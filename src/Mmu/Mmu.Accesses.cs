using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae;

// Accesses as a program makes them. All pages of an access are translated, in address order, before any byte is written.
// Linear addresses wrap at 4 GiB.
public sealed partial class Mmu<TBus, TTiming>
{
    private const uint PageSize = 4096;

    /// <summary>Loads a value, as data or as code.</summary>
    /// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
    /// <param name="linear">Linear byte address, any alignment. The value may cross a page, and wraps at 4 GiB.</param>
    /// <param name="access">A read or a fetch, and on whose behalf.</param>
    /// <param name="value">The value; of no meaning after a fault.</param>
    /// <returns>Done, or the page fault to deliver.</returns>
    [SkipLocalsInit] // else each hit stores 0 to what only a miss reads
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // so that a recent translation costs no call
    public unsafe AccessResult Read<T>(uint linear, Access access, out T value)
        where T : unmanaged
    {
        _owner.Check();
        HostLines host = _host;
        if (!HasTiming && host.TryGetRam(linear, Unsafe.SizeOf<T>(), access, out byte* address))
        {
            value = Unsafe.ReadUnaligned<T>(address);
            return default;
        }

        AccessResult result = ReadBehindHostCache(linear, access, out T read);
        value = read; // a variable whose address is not passed on stays in a register where this is inlined
        return result;
    }

    /// <summary>Fetches code.</summary>
    /// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
    /// <param name="linear">Linear byte address, any alignment. The value may cross a page, and wraps at 4 GiB.</param>
    /// <param name="mode">On whose behalf.</param>
    /// <param name="value">The bytes; of no meaning after a fault.</param>
    /// <returns>Done, or the page fault to deliver.</returns>
    public AccessResult Fetch<T>(uint linear, AccessMode mode, out T value)
        where T : unmanaged => Read(linear, new Access(AccessKind.Fetch, mode), out value);

    /// <summary>Stores a value. If it crosses a page and either page faults, no byte is written.</summary>
    /// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
    /// <param name="linear">Linear byte address, any alignment. The value may cross a page, and wraps at 4 GiB.</param>
    /// <param name="access">A write, and on whose behalf.</param>
    /// <param name="value">The value.</param>
    /// <returns>Done, or the page fault to deliver.</returns>
    /// <exception cref="ArgumentException"><paramref name="access"/> is not a write.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // so that a recent translation costs no call
    public unsafe AccessResult Write<T>(uint linear, Access access, T value)
        where T : unmanaged
    {
        _owner.Check();
        HostLines host = _host;
        if (!HasTiming && access.IsWrite && host.TryGetRam(linear, Unsafe.SizeOf<T>(), access, out byte* address))
        {
            Unsafe.WriteUnaligned(address, value);
            return default;
        }

        return WriteBehindHostCache(linear, access, value);
    }

    /// <summary>Reads bytes, as data or as code.</summary>
    /// <param name="linear">Linear byte address, any alignment; addresses wrap at 4 GiB.</param>
    /// <param name="access">A read or a fetch, and on whose behalf.</param>
    /// <param name="destination">
    /// Receives any number of bytes. Up to 4096 are one operand: after a fault none is received. More are read page by page, up
    /// to the first page that faults.
    /// </param>
    /// <returns>Done, or the page fault to deliver.</returns>
    public AccessResult Read(uint linear, Access access, Span<byte> destination)
    {
        while (destination.Length > PageSize)
        {
            int count = BytesInPage(linear, destination.Length);
            AccessResult result = ReadOperand(linear, access, destination[..count]);
            if (result.IsFault)
            {
                return result;
            }

            destination = destination[count..];
            linear += (uint)count;
        }

        return destination.IsEmpty ? default : ReadOperand(linear, access, destination);
    }

    /// <summary>
    /// Writes bytes. Every page is translated before the first byte is written, so a fault leaves memory as it was.
    /// </summary>
    /// <param name="linear">Linear byte address, any alignment; addresses wrap at 4 GiB.</param>
    /// <param name="access">A write, and on whose behalf.</param>
    /// <param name="source">Any number of bytes.</param>
    /// <returns>Done, or the page fault to deliver.</returns>
    /// <exception cref="ArgumentException"><paramref name="access"/> is not a write.</exception>
    /// <remarks>
    /// More than 4096 bytes are several operands, and each page is translated once more when it is written. If these bytes or
    /// another processor change the tables of a later page, that page may fault then, and the pages before it have been written.
    /// </remarks>
    public AccessResult Write(uint linear, Access access, ReadOnlySpan<byte> source)
    {
        ThrowIfNoWrite(access);
        if (source.Length > PageSize && TranslateAll(linear, access, source.Length) is { IsFault: true } refused)
        {
            return refused;
        }

        while (source.Length > PageSize)
        {
            int count = BytesInPage(linear, source.Length);
            AccessResult result = WriteOperand(linear, access, source[..count]);
            if (result.IsFault)
            {
                return result; // the tables have changed since the first look
            }

            source = source[count..];
            linear += (uint)count;
        }

        return source.IsEmpty ? default : WriteOperand(linear, access, source);
    }

    /// <summary>Translates an address for an access, and grants the whole 4-KiB page if it is plain RAM.</summary>
    /// <param name="linear">Any linear byte address in the page.</param>
    /// <param name="access">What will be done with the page, and on whose behalf. For a write D is set now.</param>
    /// <param name="page">The page. It does not exist after a fault, nor where every access must go over the bus.</param>
    /// <returns>Done, or the page fault to deliver.</returns>
    public AccessResult GetPage(uint linear, Access access, out GuestPage page)
    {
        page = default;
        WalkResult result = Translate(linear, access);
        if (result.IsFault)
        {
            return AccessResult.Faulted(result.Fault);
        }

        nint address = _bus.HostPage(result.PhysicalAddress, forWrite: access.IsWrite);
        page = address == 0 ? default : new GuestPage(address, access.IsWrite, _caches.Invalidations);
        return default;
    }

    /// <summary>Whether a page may still be used.</summary>
    /// <param name="page">A page that <see cref="GetPage"/> of this MMU has granted.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one compare before each use
    public bool IsCurrent(GuestPage page) => page.Exists && page.Epoch == _caches.Invalidations;

    /// <summary>
    /// An unlocked read-modify-write, as ADD to memory: it is translated once, as a write, before anything is read.
    /// </summary>
    /// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
    /// <typeparam name="TUpdate">The operation.</typeparam>
    /// <param name="linear">Linear byte address, any alignment. The value may cross a page, and wraps at 4 GiB.</param>
    /// <param name="access">A read-modify-write, and on whose behalf.</param>
    /// <param name="update">The operation; it is not called after a fault.</param>
    /// <param name="before">The value that was loaded; of no meaning after a fault.</param>
    /// <returns>
    /// Done, or the page fault to deliver; its error code has W/R set, even where a read would have faulted too.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="access"/> is not a write, or <typeparamref name="T"/> has more than 4096 bytes.
    /// </exception>
    /// <remarks>Another thread may write between the load and the store. CompareExchange is the locked operation.</remarks>
    public AccessResult Update<T, TUpdate>(uint linear, Access access, ref TUpdate update, out T before)
        where T : unmanaged
        where TUpdate : struct, IMemoryUpdate<T>
    {
        Unsafe.SkipInit(out before);
        ThrowIfNoWrite(access);
        if (Unsafe.SizeOf<T>() > PageSize)
        {
            ThrowTooLarge(Unsafe.SizeOf<T>(), nameof(T));
        }

        bool readsFirst = _options.ReadModifyWriteReadsFirst;
        if (readsFirst && Read(linear, access.AsRead, out before) is { IsFault: true } unreadable)
        {
            return unreadable;
        }

        AccessResult translated = TranslateOperand(linear, access, Unsafe.SizeOf<T>(), out WalkResult first, out WalkResult second);
        if (translated.IsFault)
        {
            return translated;
        }

        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref before));
        int inFirst = BytesInPage(linear, bytes.Length);
        if (!readsFirst)
        {
            LoadOperand(bytes, inFirst, first, second);
        }

        T after = update.Apply(before);
        StoreOperand(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in after)), inFirst, first, second);
        return default;
    }

    /// <summary>
    /// A locked compare-exchange of 8 bytes (CMPXCHG8B): it is translated once, as a write, whether or not it stores.
    /// </summary>
    /// <param name="linear">Linear byte address, a multiple of 8.</param>
    /// <param name="access">A read-modify-write, and on whose behalf.</param>
    /// <param name="expected">The value to replace.</param>
    /// <param name="desired">The value to store.</param>
    /// <param name="swapped">Whether memory held the expected value, which is ZF. D is set in both cases.</param>
    /// <returns>Done, or the page fault to deliver.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="linear"/> is not a multiple of 8, or <paramref name="access"/> is not a write.
    /// </exception>
    public AccessResult CompareExchange(uint linear, Access access, ulong expected, ulong desired, out bool swapped)
    {
        swapped = false;
        ThrowIfNoWrite(access);
        ThrowIfMisaligned(linear, sizeof(ulong));
        WalkResult result = Translate(linear, access);
        if (result.IsFault)
        {
            return AccessResult.Faulted(result.Fault);
        }

        Charge(result);
        swapped = _bus.UpdateEntry64(result.PhysicalAddress, expected, desired) == EntryUpdate.Done;
        return default;
    }

    /// <summary>
    /// A locked compare-exchange of 4 bytes (LOCK CMPXCHG): it is translated once, as a write, whether or not it stores.
    /// </summary>
    /// <param name="linear">Linear byte address, a multiple of 4.</param>
    /// <param name="access">A read-modify-write, and on whose behalf.</param>
    /// <param name="expected">The value to replace.</param>
    /// <param name="desired">The value to store.</param>
    /// <param name="swapped">Whether memory held the expected value, which is ZF. D is set in both cases.</param>
    /// <returns>Done, or the page fault to deliver.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="linear"/> is not a multiple of 4, or <paramref name="access"/> is not a write.
    /// </exception>
    public AccessResult CompareExchange(uint linear, Access access, uint expected, uint desired, out bool swapped)
    {
        swapped = false;
        ThrowIfNoWrite(access);
        ThrowIfMisaligned(linear, sizeof(uint));
        WalkResult result = Translate(linear, access);
        if (result.IsFault)
        {
            return AccessResult.Faulted(result.Fault);
        }

        Charge(result);
        swapped = _bus.UpdateEntry32(result.PhysicalAddress, expected, desired) == EntryUpdate.Done;
        return default;
    }

    /// <summary>Charges for one load or store.</summary>
    private void Charge(WalkResult translation)
    {
        if (HasTiming) // the functional MMU asks for no memory type
        {
            _timing.DataAccessed(translation.PhysicalAddress, _types.IsCached(translation));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private AccessResult ReadBehindHostCache<T>(uint linear, Access access, out T value)
        where T : unmanaged
    {
        Unsafe.SkipInit(out value);
        if (Crosses<T>(linear))
        {
            return Read(linear, access, MemoryMarshal.AsBytes(new Span<T>(ref value)));
        }

        WalkResult result = Translate(linear, access);
        if (result.IsFault)
        {
            return AccessResult.Faulted(result.Fault);
        }

        KeepRam(linear, access, result.PhysicalAddress);
        Charge(result);
        value = _bus.Load<T>(result.PhysicalAddress);
        return default;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the hit path small
    private AccessResult WriteBehindHostCache<T>(uint linear, Access access, T value)
        where T : unmanaged
    {
        ThrowIfNoWrite(access);
        if (Crosses<T>(linear))
        {
            return Write(linear, access, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
        }

        WalkResult result = Translate(linear, access);
        if (result.IsFault)
        {
            return AccessResult.Faulted(result.Fault);
        }

        KeepRam(linear, access, result.PhysicalAddress);
        Charge(result);
        _bus.Store(result.PhysicalAddress, value);
        return default;
    }

    /// <summary>Lets the next such access to the page go straight to host memory, if it is RAM.</summary>
    private void KeepRam(uint linear, Access access, ulong physicalAddress)
    {
        if (HasTiming || !_caches.Host.IsEnabled)
        {
            return;
        }

        nint page = _bus.HostPage(physicalAddress, forWrite: access.IsWrite);
        if (page != 0)
        {
            _caches.Host.KeepRam(linear, _unit.Effective(access), page);
        }
    }

    private static bool Crosses<T>(uint linear)
        where T : unmanaged => (linear & (PageSize - 1)) + (uint)Unsafe.SizeOf<T>() > PageSize;

    private static int BytesInPage(uint linear, int length) => (int)Math.Min(PageSize - (linear & (PageSize - 1)), (uint)length);

    private static void ThrowIfMisaligned(uint linear, uint size)
    {
        if ((linear & (size - 1)) != 0)
        {
            ThrowMisaligned(linear, size);
        }
    }

    // What was checked as a read must not become a store.
    private static void ThrowIfNoWrite(Access access)
    {
        if (!access.IsWrite)
        {
            ThrowNoWrite(access);
        }
    }

    [DoesNotReturn]
    private static void ThrowNoWrite(Access access) => throw new ArgumentException(
        $"A store needs an access that writes, not one of kind {access.Kind}.", nameof(access));

    [DoesNotReturn]
    private static void ThrowTooLarge(int size, string parameter) => throw new ArgumentException(
        $"An operand has at most {PageSize} bytes, not {size}.", parameter);

    [DoesNotReturn]
    private static void ThrowMisaligned(uint linear, uint size) => throw new ArgumentException(
        $"A locked access to {size} bytes at {linear:X8}h is not aligned.", nameof(linear));

    /// <summary>Translates the one or two pages of an operand of 1 to 4096 bytes.</summary>
    private AccessResult TranslateOperand(uint linear, Access access, int length, out WalkResult first, out WalkResult second)
    {
        second = default;
        first = Translate(linear, access);
        if (first.IsFault)
        {
            return AccessResult.Faulted(first.Fault);
        }

        int inFirst = BytesInPage(linear, length);
        if (inFirst < length)
        {
            second = Translate(linear + (uint)inFirst, access);
            if (second.IsFault)
            {
                return AccessResult.Faulted(second.Fault);
            }
        }

        return default;
    }

    private AccessResult TranslateAll(uint linear, Access access, int length)
    {
        while (length > 0)
        {
            WalkResult result = Translate(linear, access);
            if (result.IsFault)
            {
                return AccessResult.Faulted(result.Fault);
            }

            int count = BytesInPage(linear, length);
            linear += (uint)count;
            length -= count;
        }

        return default;
    }

    private AccessResult ReadOperand(uint linear, Access access, Span<byte> destination)
    {
        AccessResult translated = TranslateOperand(linear, access, destination.Length, out WalkResult first, out WalkResult second);
        if (!translated.IsFault)
        {
            LoadOperand(destination, BytesInPage(linear, destination.Length), first, second);
        }

        return translated;
    }

    private AccessResult WriteOperand(uint linear, Access access, ReadOnlySpan<byte> source)
    {
        AccessResult translated = TranslateOperand(linear, access, source.Length, out WalkResult first, out WalkResult second);
        if (!translated.IsFault)
        {
            StoreOperand(source, BytesInPage(linear, source.Length), first, second);
        }

        return translated;
    }

    private void LoadOperand(Span<byte> destination, int inFirst, WalkResult first, WalkResult second)
    {
        Charge(first);
        _bus.Read(first.PhysicalAddress, destination[..inFirst]);
        if (inFirst < destination.Length)
        {
            Charge(second);
            _bus.Read(second.PhysicalAddress, destination[inFirst..]);
        }
    }

    private void StoreOperand(ReadOnlySpan<byte> source, int inFirst, WalkResult first, WalkResult second)
    {
        Charge(first);
        _bus.Write(first.PhysicalAddress, source[..inFirst]);
        if (inFirst < source.Length)
        {
            Charge(second);
            _bus.Write(second.PhysicalAddress, source[inFirst..]);
        }
    }
}
