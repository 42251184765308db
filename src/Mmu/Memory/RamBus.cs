using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace X86Pae.Memory;

/// <summary>The bus over <see cref="GuestMemory"/> alone: RAM from address 0, open bus from its end on.</summary>
/// <param name="memory">The RAM; several processors may share it.</param>
/// <remarks>A struct around one reference, so that it costs nothing as a type argument.</remarks>
public readonly struct RamBus(GuestMemory memory) : IBus
{
    /// <summary>The RAM behind this bus.</summary>
    public GuestMemory Memory => memory;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every walk
    public ulong LoadEntry64(ulong address) =>
        address < memory.SizeInBytes ? Volatile.Read(ref Unsafe.As<byte, ulong>(ref memory.ForRead(address))) : memory.OpenBus;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every two-level walk
    public uint LoadEntry32(ulong address) =>
        address < memory.SizeInBytes ? Volatile.Read(ref Unsafe.As<byte, uint>(ref memory.ForRead(address))) : (uint)memory.OpenBus;

    /// <inheritdoc/>
    public EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired)
    {
        if (address >= memory.SizeInBytes)
        {
            return expected == memory.OpenBus ? EntryUpdate.Ignored : EntryUpdate.Changed;
        }

        ref ulong entry = ref Unsafe.As<byte, ulong>(ref memory.ForWrite(address));
        return Interlocked.CompareExchange(ref entry, desired, expected) == expected ? EntryUpdate.Done : EntryUpdate.Changed;
    }

    /// <inheritdoc/>
    public EntryUpdate UpdateEntry32(ulong address, uint expected, uint desired)
    {
        if (address >= memory.SizeInBytes)
        {
            return expected == (uint)memory.OpenBus ? EntryUpdate.Ignored : EntryUpdate.Changed;
        }

        ref uint entry = ref Unsafe.As<byte, uint>(ref memory.ForWrite(address));
        return Interlocked.CompareExchange(ref entry, desired, expected) == expected ? EntryUpdate.Done : EntryUpdate.Changed;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // every data load ends here
    public T Load<T>(ulong address)
        where T : unmanaged =>
        address < memory.SizeInBytes ? Unsafe.ReadUnaligned<T>(ref memory.ForRead(address)) : OpenBusValue<T>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // every data store ends here
    public void Store<T>(ulong address, T value)
        where T : unmanaged
    {
        if (address < memory.SizeInBytes)
        {
            Unsafe.WriteUnaligned(ref memory.ForWrite(address), value);
        }
    }

    /// <inheritdoc/>
    public void Read(ulong address, Span<byte> destination)
    {
        if (address < memory.SizeInBytes)
        {
            MemoryMarshal.CreateReadOnlySpan(ref memory.ForRead(address), destination.Length).CopyTo(destination);
        }
        else
        {
            destination.Fill((byte)memory.OpenBus);
        }
    }

    /// <inheritdoc/>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
        if (address < memory.SizeInBytes && !source.IsEmpty)
        {
            source.CopyTo(MemoryMarshal.CreateSpan(ref memory.ForWrite(address), source.Length));
        }
    }

    /// <inheritdoc/>
    public nint HostPage(ulong address, bool forWrite) => address < memory.SizeInBytes ? memory.HostPage(address, forWrite) : 0;

    private T OpenBusValue<T>()
        where T : unmanaged
    {
        T value = default;
        MemoryMarshal.AsBytes(new Span<T>(ref value)).Fill((byte)memory.OpenBus);
        return value;
    }
}
