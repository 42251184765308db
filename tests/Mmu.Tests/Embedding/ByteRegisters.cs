using X86Pae.Memory;

namespace X86Pae.Tests.Embedding;

/// <summary>A byte-wide device as a region of a <see cref="PhysicalMap"/>, beside RAM that does not go through it.</summary>
/// <param name="device">The device; it is asked for addresses, not for offsets.</param>
/// <param name="start">Physical address of the region.</param>
internal sealed class ByteRegisters(IByteDevice device, uint start) : IMmioDevice
{
    public ulong Load(ulong offset, int sizeInBytes)
    {
        ulong value = 0;
        for (int i = 0; i < sizeInBytes; i++)
        {
            value |= (ulong)device.Read(start + (uint)offset + (uint)i) << (8 * i);
        }

        return value;
    }

    public void Store(ulong offset, int sizeInBytes, ulong value)
    {
        for (int i = 0; i < sizeInBytes; i++)
        {
            device.Write(start + (uint)offset + (uint)i, (byte)(value >> (8 * i)));
        }
    }
}
