using System.Numerics;
using System.Runtime.InteropServices;

namespace X86Pae.Memory;

/// <summary>A device whose registers lie in physical memory.</summary>
/// <remarks>
/// <para>
/// Every access has a size of 1, 2, 4 or 8 bytes and an offset that is a multiple of its size, and lies within the region.
/// Any other access of the guest (unaligned, 16 bytes, a string) arrives as several of these, lowest address first, each as large
/// as alignment and remaining length permit: four bytes at offset 1 are one byte at 1, two at 2, one at 4.
/// </para>
/// <para>
/// The thread of the processor that makes the access calls the device; a device that serves several processors does its own
/// locking. It must not call the MMU that is accessing it. An exception that it throws reaches the caller of the access.
/// </para>
/// </remarks>
public interface IMmioDevice
{
    /// <summary>Answers a load of the guest, which may have side effects.</summary>
    /// <param name="offset">Bytes from the start of the region, a multiple of <paramref name="sizeInBytes"/>.</param>
    /// <param name="sizeInBytes">1, 2, 4 or 8.</param>
    /// <returns>The bytes, the lowest address in bits 7:0. Bits above the size of the access are ignored.</returns>
    ulong Load(ulong offset, int sizeInBytes);

    /// <summary>Takes a store of the guest.</summary>
    /// <param name="offset">Bytes from the start of the region, a multiple of <paramref name="sizeInBytes"/>.</param>
    /// <param name="sizeInBytes">1, 2, 4 or 8.</param>
    /// <param name="value">The bytes, the lowest address in bits 7:0. Bits above the size of the access are 0.</param>
    void Store(ulong offset, int sizeInBytes, ulong value);
}

/// <summary>Divides an access of any size and alignment into the aligned accesses that a device is made for.</summary>
internal static class MmioAccess
{
    /// <summary>Loads bytes from a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="offset">Bytes from the start of its region.</param>
    /// <param name="destination">Receives the bytes, all of which lie within the region.</param>
    public static void Read(IMmioDevice device, ulong offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int size = SizeOf(offset, destination.Length);
            ulong value = device.Load(offset, size);
            MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value))[..size].CopyTo(destination);
            offset += (ulong)size;
            destination = destination[size..];
        }
    }

    /// <summary>Stores bytes to a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="offset">Bytes from the start of its region.</param>
    /// <param name="source">The bytes, all of which go to the region.</param>
    public static void Write(IMmioDevice device, ulong offset, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            int size = SizeOf(offset, source.Length);
            ulong value = 0;
            source[..size].CopyTo(MemoryMarshal.AsBytes(new Span<ulong>(ref value)));
            device.Store(offset, size, value);
            offset += (ulong)size;
            source = source[size..];
        }
    }

    /// <summary>
    /// The size of the next access: the largest of 8, 4, 2 and 1 that divides the offset and does not exceed the length.
    /// </summary>
    private static int SizeOf(ulong offset, int length)
    {
        int aligned = BitOperations.TrailingZeroCount(offset | 8);
        return 1 << Math.Min(aligned, BitOperations.Log2((uint)length));
    }
}
