using System.Runtime.InteropServices;
using X86Pae.Memory;

namespace X86Pae.Tests.Embedding;

/// <summary>The bus of an emulator whose whole physical memory is behind one byte-wide interface.</summary>
/// <param name="memory">Who answers, up to 4 GiB; what it does not have it answers as it likes.</param>
/// <remarks>Entry updates are two steps: for one processor, or several on one thread.</remarks>
internal readonly struct ByteBus(IByteDevice memory) : IBus
{
    private const byte OpenBus = 0xFF;

    public ulong LoadEntry64(ulong address) => Load<ulong>(address);

    public uint LoadEntry32(ulong address) => Load<uint>(address);

    public EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired) => Update(address, expected, desired);

    public EntryUpdate UpdateEntry32(ulong address, uint expected, uint desired) => Update(address, expected, desired);

    public T Load<T>(ulong address)
        where T : unmanaged
    {
        T value = default;
        Read(address, MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    public void Store<T>(ulong address, T value)
        where T : unmanaged => Write(address, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    public void Read(ulong address, Span<byte> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = address <= uint.MaxValue ? memory.Read((uint)address + (uint)i) : OpenBus;
        }
    }

    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < source.Length && address <= uint.MaxValue; i++)
        {
            memory.Write((uint)address + (uint)i, source[i]);
        }
    }

    public nint HostPage(ulong address, bool forWrite) => 0;

    private EntryUpdate Update<T>(ulong address, T expected, T desired)
        where T : unmanaged, IEquatable<T>
    {
        if (!Load<T>(address).Equals(expected))
        {
            return EntryUpdate.Changed;
        }

        Store(address, desired);
        return Load<T>(address).Equals(desired) ? EntryUpdate.Done : EntryUpdate.Ignored;
    }
}
