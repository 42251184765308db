namespace X86Pae.Memory;

/// <summary>A device whose registers lie in physical memory.</summary>
/// <remarks>
/// <para>
/// Every access has a size of 1, 2, 4 or 8 bytes and an offset that is a multiple of its size, and lies within the region.
/// What the guest does otherwise (unaligned, 16 bytes, a string) arrives as several such accesses, lowest address first,
/// each as large as alignment and remaining length permit: four bytes at offset 1 are one byte at 1, two at 2, one at 4.
/// </para>
/// <para>
/// Called on the thread of the processor that accesses; a device that serves several processors does its own locking. It
/// must not call back into the MMU that is accessing it. An exception that it throws reaches the caller of the access.
/// </para>
/// </remarks>
public interface IMmioDevice
{
    /// <summary>The guest loads from the device; this may have side effects.</summary>
    /// <param name="offset">Bytes from the start of the region, a multiple of <paramref name="sizeInBytes"/>.</param>
    /// <param name="sizeInBytes">1, 2, 4 or 8.</param>
    /// <returns>The bytes in the low end of the value, the lowest address lowest; what is above them is ignored.</returns>
    ulong Load(ulong offset, int sizeInBytes);

    /// <summary>The guest stores to the device.</summary>
    /// <param name="offset">Bytes from the start of the region, a multiple of <paramref name="sizeInBytes"/>.</param>
    /// <param name="sizeInBytes">1, 2, 4 or 8.</param>
    /// <param name="value">The bytes in the low end of the value, the lowest address lowest; zeros above them.</param>
    void Store(ulong offset, int sizeInBytes, ulong value);
}
