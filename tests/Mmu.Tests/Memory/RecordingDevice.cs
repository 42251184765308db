using X86Pae.Memory;

namespace X86Pae.Tests.Memory;

/// <summary>A device that behaves as memory and remembers every access.</summary>
internal sealed class RecordingDevice(int sizeInBytes) : IMmioDevice
{
    public List<DeviceAccess> Accesses { get; } = [];

    public byte[] Bytes { get; } = new byte[sizeInBytes];

    /// <summary>Whether stores are recorded and otherwise forgotten.</summary>
    public bool DropsStores { get; init; }

    /// <summary>Bits flipped in the answer to every access of odd number.</summary>
    public ulong Toggles { get; init; }

    public ulong Load(ulong offset, int sizeInBytes)
    {
        ulong value = 0;
        for (int i = 0; i < sizeInBytes; i++)
        {
            value |= (ulong)Bytes[offset + (ulong)i] << (8 * i);
        }

        value ^= Accesses.Count % 2 == 0 ? 0 : Toggles;
        Accesses.Add(DeviceAccess.Load(offset, sizeInBytes, value));
        return value;
    }

    public void Store(ulong offset, int sizeInBytes, ulong value)
    {
        Accesses.Add(DeviceAccess.Store(offset, sizeInBytes, value));
        for (int i = 0; i < sizeInBytes && !DropsStores; i++)
        {
            Bytes[offset + (ulong)i] = (byte)(value >> (8 * i));
        }
    }

    public void Poke(ulong offset, ulong entry) => BitConverter.TryWriteBytes(Bytes.AsSpan((int)offset), entry);
}

/// <summary>One call of an <see cref="IMmioDevice"/>; the value of a load is what the device answered.</summary>
internal readonly record struct DeviceAccess(bool IsStore, ulong Offset, int SizeInBytes, ulong Value)
{
    public static DeviceAccess Load(ulong offset, int size, ulong value) => new(false, offset, size, value);

    public static DeviceAccess Store(ulong offset, int size, ulong value) => new(true, offset, size, value);
}
