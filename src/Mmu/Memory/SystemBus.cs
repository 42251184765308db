// RAM, ROM, MMIO and holes behind one bus.
//
//   physical address   51              18 17      12 11         0
//                     +------------------+----------+------------+
//                     | word             | bit      | offset     |
//                     +------------------+----------+------------+
//
//   _ram[word] bit = 1   the page is RAM and nothing shadows it: the access goes straight to GuestMemory
//   otherwise            the regions are searched: ROM, MMIO, or a hole
//
//   A locked update (accessed and dirty flags, CMPXCHG8B) compares everywhere, and reports Changed where the comparison fails:
//
//     RAM   one atomic compare-exchange
//     MMIO  one load, and one store if the comparison succeeds; not atomic towards other agents
//     ROM, hole   the store is dropped: Ignored

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace X86Pae.Memory;

/// <summary>The bus of a whole machine, as described by a <see cref="PhysicalMap"/>.</summary>
/// <remarks>
/// <para>
/// For RAM it costs one bit test more than <see cref="RamBus"/>, for which one bit of host memory is kept for each 4-KiB page
/// below the end of RAM. Neither RAM, ROM nor a hole allocates or makes a virtual call. Copies are the same bus; several
/// processors may use it.
/// </para>
/// <para>
/// Page tables may lie anywhere. In ROM and in holes accessed and dirty flags do not stick; with the default open-bus value a
/// hole reads as a present entry with reserved bits set. In MMIO each entry read is one load by the device, and a flag that is
/// set one more load and one store; a walk ends after a bounded number of them, whatever the device answers.
/// </para>
/// <para>
/// As for every bus, an access lies within one 4-KiB page: what would write beyond it, and a span that reaches there, is refused;
/// for a typed load from RAM the caller has checked it.
/// </para>
/// </remarks>
public readonly struct SystemBus : IBus
{
    private const int PageSize = 4096;

    private readonly GuestMemory _memory;
    private readonly ulong[] _ram;
    private readonly PhysicalRegion[] _regions;

    /// <summary>Makes the bus of an address space.</summary>
    /// <param name="map">The description; it is copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="map"/> is null.</exception>
    public SystemBus(PhysicalMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        _memory = map.Memory;
        _regions = [.. map.Regions.OrderBy(region => region.Start)];
        _ram = PlainRam(map);
    }

    /// <summary>What backs the RAM, also where ROM or MMIO shadows it.</summary>
    public GuestMemory Memory => _memory;

    /// <summary>What answers at an address. Never changes for a given bus.</summary>
    /// <param name="address">Physical byte address.</param>
    public RegionKind KindOf(ulong address)
    {
        if (IsPlainRam(address))
        {
            return RegionKind.Ram;
        }

        return TryFind(address, out PhysicalRegion region) ? region.Kind : RegionKind.Hole;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every walk
    public ulong LoadEntry64(ulong address) => IsPlainRam(address)
        ? Volatile.Read(ref Unsafe.As<byte, ulong>(ref _memory.ForRead(address)))
        : LoadElsewhere<ulong>(address);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every two-level walk
    public uint LoadEntry32(ulong address) => IsPlainRam(address)
        ? Volatile.Read(ref Unsafe.As<byte, uint>(ref _memory.ForRead(address)))
        : LoadElsewhere<uint>(address);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not a multiple of 8.</exception>
    public EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired)
    {
        PhysicalAccess.ThrowIfMisaligned(address, sizeof(ulong));
        if (!IsPlainRam(address))
        {
            return UpdateElsewhere(address, expected, desired);
        }

        ref ulong entry = ref Unsafe.As<byte, ulong>(ref _memory.ForWrite(address));
        return Interlocked.CompareExchange(ref entry, desired, expected) == expected ? EntryUpdate.Done : EntryUpdate.Changed;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not a multiple of 4.</exception>
    public EntryUpdate UpdateEntry32(ulong address, uint expected, uint desired)
    {
        PhysicalAccess.ThrowIfMisaligned(address, sizeof(uint));
        if (!IsPlainRam(address))
        {
            return UpdateElsewhere(address, expected, desired);
        }

        ref uint entry = ref Unsafe.As<byte, uint>(ref _memory.ForWrite(address));
        return Interlocked.CompareExchange(ref entry, desired, expected) == expected ? EntryUpdate.Done : EntryUpdate.Changed;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // every data load ends here
    public T Load<T>(ulong address)
        where T : unmanaged =>
        IsPlainRam(address) ? Unsafe.ReadUnaligned<T>(ref _memory.ForRead(address)) : LoadElsewhere<T>(address);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="address"/> is so near the end of its page that the value is not in it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // every data store ends here
    public void Store<T>(ulong address, T value)
        where T : unmanaged
    {
        PhysicalAccess.ThrowIfCrossing(address, Unsafe.SizeOf<T>(), nameof(address));
        if (IsPlainRam(address))
        {
            Unsafe.WriteUnaligned(ref _memory.ForWrite(address), value);
        }
        else
        {
            StoreElsewhere(address, value);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="destination"/> reaches into the next page.</exception>
    public void Read(ulong address, Span<byte> destination)
    {
        PhysicalAccess.ThrowIfCrossing(address, destination.Length, nameof(destination));
        if (IsPlainRam(address))
        {
            MemoryMarshal.CreateReadOnlySpan(ref _memory.ForRead(address), destination.Length).CopyTo(destination);
        }
        else
        {
            ReadElsewhere(address, destination);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="source"/> reaches into the next page.</exception>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
        PhysicalAccess.ThrowIfCrossing(address, source.Length, nameof(source));
        if (!IsPlainRam(address))
        {
            WriteElsewhere(address, source);
        }
        else if (!source.IsEmpty)
        {
            source.CopyTo(MemoryMarshal.CreateSpan(ref _memory.ForWrite(address), source.Length));
        }
    }

    /// <inheritdoc/>
    public nint HostPage(ulong address, bool forWrite) => IsPlainRam(address) ? _memory.HostPage(address, forWrite) : 0;

    /// <summary>One bit for each 4-KiB page: it is RAM, and neither ROM nor MMIO lies over it.</summary>
    private static ulong[] PlainRam(PhysicalMap map)
    {
        ulong end = map.Ram.Count == 0 ? 0 : map.Ram.Max(range => range.End);
        var bits = new ulong[((end / PageSize) + 63) / 64];
        foreach (PhysicalRegion range in map.Ram)
        {
            Mark(bits, range.Start, range.End, isRam: true);
        }

        foreach (PhysicalRegion region in map.Regions)
        {
            Mark(bits, region.Start, Math.Min(region.End, end), isRam: false);
        }

        return bits;
    }

    private static void Mark(ulong[] bits, ulong start, ulong end, bool isRam)
    {
        for (ulong page = start / PageSize; page < end / PageSize;)
        {
            // As many pages as share a word.
            int first = (int)(page % 64);
            int count = (int)Math.Min((end / PageSize) - page, (ulong)(64 - first));
            ulong mask = ulong.MaxValue >> (64 - count) << first;
            bits[page / 64] = isRam ? bits[page / 64] | mask : bits[page / 64] & ~mask;
            page += (ulong)count;
        }
    }

    private static void ReadDevice(IMmioDevice device, ulong offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int size = DeviceAccessSize(offset, destination.Length);
            ulong value = device.Load(offset, size);
            MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value))[..size].CopyTo(destination);
            offset += (ulong)size;
            destination = destination[size..];
        }
    }

    private static void WriteDevice(IMmioDevice device, ulong offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            int size = DeviceAccessSize(offset, source.Length);
            ulong value = 0;
            source[..size].CopyTo(MemoryMarshal.AsBytes(new Span<ulong>(ref value)));
            device.Store(offset, size, value);
            offset += (ulong)size;
            source = source[size..];
        }
    }

    /// <summary>The largest of 8, 4, 2 and 1 that divides the offset and does not exceed the length.</summary>
    private static int DeviceAccessSize(ulong offset, int length)
    {
        int aligned = BitOperations.TrailingZeroCount(offset | 8);
        return 1 << Math.Min(aligned, BitOperations.Log2((uint)length));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // decides every access; also the check for the end of RAM
    private bool IsPlainRam(ulong address)
    {
        ulong[] ram = _ram;
        ulong word = address >> 18;
        return word < (ulong)ram.Length
            && ((Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(ram), (nint)word) >> (int)(address >> 12)) & 1) != 0;
    }

    private bool TryFind(ulong address, out PhysicalRegion found)
    {
        int low = 0;
        int high = _regions.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            ref readonly PhysicalRegion region = ref _regions[middle];
            if (address < region.Start)
            {
                high = middle;
            }
            else if (address >= region.End)
            {
                low = middle + 1;
            }
            else
            {
                found = region;
                return true;
            }
        }

        found = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the RAM path small
    private T LoadElsewhere<T>(ulong address)
        where T : unmanaged
    {
        PhysicalAccess.ThrowIfCrossing(address, Unsafe.SizeOf<T>(), nameof(address));
        T value = default;
        ReadElsewhere(address, MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    private void ReadElsewhere(ulong address, Span<byte> destination)
    {
        if (!TryFind(address, out PhysicalRegion region))
        {
            destination.Fill((byte)_memory.OpenBus);
        }
        else if (region.Device is { } device)
        {
            ReadDevice(device, address - region.Start, destination);
        }
        else
        {
            region.Contents.AsSpan((int)(address - region.Start), destination.Length).CopyTo(destination);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // by value, so that the RAM path keeps it in a register
    private void StoreElsewhere<T>(ulong address, T value)
        where T : unmanaged =>
        WriteElsewhere(address, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    private void WriteElsewhere(ulong address, ReadOnlySpan<byte> source)
    {
        if (TryFind(address, out PhysicalRegion region) && region.Device is { } device)
        {
            WriteDevice(device, address - region.Start, source);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the RAM path small
    private EntryUpdate UpdateElsewhere<T>(ulong address, T expected, T desired)
        where T : unmanaged, IEqualityOperators<T, T, bool>
    {
        if (LoadElsewhere<T>(address) != expected)
        {
            return EntryUpdate.Changed;
        }

        if (!TryFind(address, out PhysicalRegion region) || region.Device is null)
        {
            return EntryUpdate.Ignored;
        }

        StoreElsewhere(address, desired);
        return EntryUpdate.Done;
    }
}
