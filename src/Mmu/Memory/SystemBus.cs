// RAM, ROM, MMIO and holes behind one bus.
//
//   physical address   51              18 17      12 11         0
//                     +------------------+----------+------------+
//                     | word             | bit      | offset     |
//                     +------------------+----------+------------+
//
//   _ram[word] bit = 1   the page is RAM and nothing shadows it: the access goes straight to GuestMemory
//   _ram[word] bit = 0   ROM, MMIO or a hole: RegionTable finds out which

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace X86Pae.Memory;

/// <summary>The bus of a whole machine, as described by a <see cref="PhysicalMap"/>.</summary>
/// <remarks>
/// <para>
/// An access to RAM costs one bit test more than on a <see cref="RamBus"/>; the bits take one byte of host memory for every 32
/// KiB below the end of RAM. Accesses to RAM, ROM and holes allocate nothing and make no virtual call. A copy of the struct is
/// the same bus, and several processors may use it.
/// </para>
/// <para>
/// Page tables may lie anywhere. ROM and holes drop the accessed and dirty flags that a walk sets; with the default open-bus
/// value a hole reads as a present entry with reserved bits set. A device sees one load for each entry that a walk reads from it,
/// and one more load and a store for each flag that the walk sets. A walk ends after a bounded number of them, whatever the
/// device answers.
/// </para>
/// <para>
/// As on every bus, an access lies within one 4-KiB page. Stores and spans that reach into the next page throw; a typed load from
/// RAM is not checked.
/// </para>
/// </remarks>
public readonly struct SystemBus : IBus
{
    private const int PageSize = 4096;

    private readonly GuestMemory _memory;
    private readonly ulong[] _ram;
    private readonly RegionTable _regions;

    /// <summary>Makes the bus of an address space.</summary>
    /// <param name="map">The description; it is copied, so later additions to it do not change the bus.</param>
    /// <exception cref="ArgumentNullException"><paramref name="map"/> is null.</exception>
    public SystemBus(PhysicalMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        _memory = map.Memory;
        _regions = new RegionTable(map);
        _ram = PlainRam(map);
    }

    /// <summary>The memory behind the RAM ranges; it also has the bytes that ROM or MMIO shadows.</summary>
    public GuestMemory Memory => _memory;

    /// <summary>Finds out what answers at an address, which never changes for a given bus.</summary>
    /// <param name="address">Physical byte address.</param>
    internal RegionKind KindOf(ulong address) => IsPlainRam(address) ? RegionKind.Ram : _regions.KindOf(address);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every walk
    public ulong LoadEntry64(ulong address) => IsPlainRam(address)
        ? Volatile.Read(ref Unsafe.As<byte, ulong>(ref _memory.ForRead(address)))
        : _regions.Load<ulong>(address);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every two-level walk
    public uint LoadEntry32(ulong address) => IsPlainRam(address)
        ? Volatile.Read(ref Unsafe.As<byte, uint>(ref _memory.ForRead(address)))
        : _regions.Load<uint>(address);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not a multiple of 8.</exception>
    public EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired)
    {
        PhysicalAccess.ThrowIfMisaligned(address, sizeof(ulong));
        if (!IsPlainRam(address))
        {
            return _regions.Update(address, expected, desired);
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
            return _regions.Update(address, expected, desired);
        }

        ref uint entry = ref Unsafe.As<byte, uint>(ref _memory.ForWrite(address));
        return Interlocked.CompareExchange(ref entry, desired, expected) == expected ? EntryUpdate.Done : EntryUpdate.Changed;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // every data load ends here
    public T Load<T>(ulong address)
        where T : unmanaged =>
        IsPlainRam(address) ? Unsafe.ReadUnaligned<T>(ref _memory.ForRead(address)) : _regions.Load<T>(address);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// <paramref name="address"/> is so near the end of its page that the value does not fit.
    /// </exception>
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
            _regions.Store(address, value);
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
            _regions.Read(address, destination);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="source"/> reaches into the next page.</exception>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
        PhysicalAccess.ThrowIfCrossing(address, source.Length, nameof(source));
        if (!IsPlainRam(address))
        {
            _regions.Write(address, source);
        }
        else if (!source.IsEmpty)
        {
            source.CopyTo(MemoryMarshal.CreateSpan(ref _memory.ForWrite(address), source.Length));
        }
    }

    /// <inheritdoc/>
    public nint HostPage(ulong address, bool forWrite) => IsPlainRam(address) ? _memory.HostPage(address, forWrite) : 0;

    /// <summary>Makes one bit for each 4-KiB page, set where the page is RAM and neither ROM nor MMIO shadows it.</summary>
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
            // All pages of the range that share a word of 64 bits.
            int first = (int)(page % 64);
            int count = (int)Math.Min((end / PageSize) - page, (ulong)(64 - first));
            ulong mask = ulong.MaxValue >> (64 - count) << first;
            bits[page / 64] = isRam ? bits[page / 64] | mask : bits[page / 64] & ~mask;
            page += (ulong)count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // decides every access; also the check for the end of RAM
    private bool IsPlainRam(ulong address)
    {
        ulong[] ram = _ram;
        ulong word = address >> 18;
        return word < (ulong)ram.Length
            && ((Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(ram), (nint)word) >> (int)(address >> 12)) & 1) != 0;
    }
}
