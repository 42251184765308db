namespace X86Pae.Tests.Specification;

/// <summary>Physical memory, byte by byte; beyond its end reads give the open-bus value and writes are dropped (7.4).</summary>
internal sealed class SpecMemory(int sizeInBytes, byte openBus)
{
    private readonly byte[] _bytes = new byte[sizeInBytes];

    public ReadOnlySpan<byte> Bytes => _bytes;

    public ulong Load(ulong address, int size)
    {
        ulong value = 0;
        for (int i = 0; i < size; i++)
        {
            ulong at = address + (ulong)i;
            ulong one = at < (ulong)_bytes.Length ? _bytes[at] : openBus;
            value |= one << (8 * i);
        }

        return value;
    }

    public void Store(ulong address, int size, ulong value)
    {
        for (int i = 0; i < size; i++)
        {
            ulong at = address + (ulong)i;
            if (at < (ulong)_bytes.Length)
            {
                _bytes[at] = (byte)(value >> (8 * i));
            }
        }
    }
}
