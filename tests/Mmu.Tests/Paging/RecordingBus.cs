using System.Runtime.InteropServices;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>The bus over <see cref="RecordedMemory"/>.</summary>
internal readonly struct RecordingBus(RecordedMemory memory) : IBus
{
    public ulong LoadEntry64(ulong address)
    {
        Assert.Equal(0u, address % 8);
        memory.Loads.Add(address);
        return Load<ulong>(address);
    }

    public uint LoadEntry32(ulong address)
    {
        Assert.Equal(0u, address % 4);
        memory.Loads.Add(address);
        return Load<uint>(address);
    }

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

    public void Read(ulong address, Span<byte> destination) =>
        memory.Bytes.AsSpan((int)address, destination.Length).CopyTo(destination);

    public void Write(ulong address, ReadOnlySpan<byte> source) => source.CopyTo(memory.Bytes.AsSpan((int)address));

    public nint HostPage(ulong address, bool forWrite) => 0;

    private EntryUpdate Update<T>(ulong address, T expected, T desired)
        where T : unmanaged, IEquatable<T>
    {
        memory.Updates.Add(address);
        memory.BeforeUpdate?.Invoke(address);
        if (memory.AlwaysChanged)
        {
            return EntryUpdate.Changed;
        }

        if (address < memory.RomEnd)
        {
            return EntryUpdate.Ignored;
        }

        if (!Load<T>(address).Equals(expected))
        {
            return EntryUpdate.Changed;
        }

        Store(address, desired);
        return EntryUpdate.Done;
    }
}

/// <summary>Memory that records every access to an entry and lets a test play the other CPUs and the ROM.</summary>
internal sealed class RecordedMemory(byte[] bytes)
{
    public byte[] Bytes => bytes;

    /// <summary>Addresses of the entries loaded, in order.</summary>
    public List<ulong> Loads { get; } = [];

    /// <summary>Addresses of the updates attempted, in order.</summary>
    public List<ulong> Updates { get; } = [];

    /// <summary>Updates of entries below this address are ignored, as in ROM.</summary>
    public ulong RomEnd { get; set; }

    /// <summary>Whether every update is reported as one that another CPU has foiled.</summary>
    public bool AlwaysChanged { get; set; }

    /// <summary>Runs before an update is carried out: another CPU that gets there first.</summary>
    public Action<ulong>? BeforeUpdate { get; set; }
}

/// <summary>Writes down what a walk shows it.</summary>
internal readonly struct RecordingObserver(List<(string What, WalkLevel Level, ulong Address, ulong Entry)> seen) : IWalkObserver
{
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry) => seen.Add(("load", level, address, entry));

    public void EntryUpdated(WalkLevel level, ulong address, ulong entry) => seen.Add(("update", level, address, entry));
}
