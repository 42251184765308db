// Everything that is not plain RAM. A locked update (accessed and dirty flags, CMPXCHG8B) compares first, and reports Changed
// where the comparison fails:
//
//   MMIO        one load, and one store if the comparison succeeds; not atomic towards other agents
//   ROM, hole   the store is dropped: Ignored

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace X86Pae.Memory;

/// <summary>The ROM and MMIO regions of a <see cref="SystemBus"/>, and the holes between them.</summary>
/// <param name="map">The description; it is copied.</param>
internal sealed class RegionTable(PhysicalMap map)
{
    private readonly byte _openBus = (byte)map.Memory.OpenBus;
    private readonly PhysicalRegion[] _regions = [.. map.Regions.OrderBy(region => region.Start)];

    /// <summary>Finds out what answers at an address that is not plain RAM.</summary>
    /// <param name="address">Physical byte address.</param>
    public RegionKind KindOf(ulong address) => TryFind(address, out PhysicalRegion region) ? region.Kind : RegionKind.Hole;

    /// <summary>Loads a value; a hole gives open-bus bytes.</summary>
    /// <typeparam name="T">A type without references.</typeparam>
    /// <param name="address">Physical byte address.</param>
    /// <exception cref="ArgumentException">The value does not lie within one page.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the access to RAM small
    public T Load<T>(ulong address)
        where T : unmanaged
    {
        PhysicalAccess.ThrowIfCrossing(address, Unsafe.SizeOf<T>(), nameof(address));
        T value = default;
        Read(address, MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    /// <summary>Stores a value to a device; ROM and holes drop it.</summary>
    /// <typeparam name="T">A type without references.</typeparam>
    /// <param name="address">Physical byte address; the caller has checked that the value lies within one page.</param>
    /// <param name="value">The value.</param>
    [MethodImpl(MethodImplOptions.NoInlining)] // by value, so that the access to RAM keeps it in a register
    public void Store<T>(ulong address, T value)
        where T : unmanaged =>
        Write(address, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Reads bytes; a hole gives open-bus bytes.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <param name="destination">Receives the bytes; the caller has checked that they lie within one page.</param>
    public void Read(ulong address, Span<byte> destination)
    {
        if (!TryFind(address, out PhysicalRegion region))
        {
            destination.Fill(_openBus);
        }
        else if (region.Device is { } device)
        {
            MmioAccess.Read(device, address - region.Start, destination);
        }
        else
        {
            region.Contents.AsSpan((int)(address - region.Start), destination.Length).CopyTo(destination);
        }
    }

    /// <summary>Writes bytes to a device; ROM and holes drop them.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <param name="source">The bytes; the caller has checked that they lie within one page.</param>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
        if (TryFind(address, out PhysicalRegion region) && region.Device is { } device)
        {
            MmioAccess.Write(device, address - region.Start, source);
        }
    }

    /// <summary>Replaces a page-table entry if it still holds the expected value.</summary>
    /// <typeparam name="T">The type of the entry.</typeparam>
    /// <param name="address">Physical byte address, a multiple of the entry's size.</param>
    /// <param name="expected">The value that the walk has read.</param>
    /// <param name="desired">The value to store.</param>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the access to RAM small
    public EntryUpdate Update<T>(ulong address, T expected, T desired)
        where T : unmanaged, IEqualityOperators<T, T, bool>
    {
        if (Load<T>(address) != expected)
        {
            return EntryUpdate.Changed;
        }

        if (!TryFind(address, out PhysicalRegion region) || region.Device is null)
        {
            return EntryUpdate.Ignored;
        }

        Store(address, desired);
        return EntryUpdate.Done;
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
}
