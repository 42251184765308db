using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace X86Pae.Memory;

/// <summary>The bus over <see cref="GuestMemory"/> alone: RAM from address 0, open bus from its end on.</summary>
/// <remarks>
/// <para>The bus is a struct around one reference. Its default value has no memory, and every access through it throws.</para>
/// <para>
/// An access lies within one 4-KiB page. Stores and spans that reach into the next page throw; a typed load is not checked.
/// </para>
/// </remarks>
public readonly struct RamBus : IBus
{
    private readonly GuestMemory _memory;

    /// <summary>Makes the bus of a RAM.</summary>
    /// <param name="memory">The RAM; several processors may share it.</param>
    /// <exception cref="ArgumentNullException"><paramref name="memory"/> is null.</exception>
    public RamBus(GuestMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _memory = memory;
    }

    /// <summary>The RAM behind this bus.</summary>
    public GuestMemory Memory => _memory;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every walk
    public ulong LoadEntry64(ulong address)
    {
        GuestMemory memory = _memory;
        return address < memory.SizeInBytes ? Volatile.Read(ref Unsafe.As<byte, ulong>(ref memory.ForRead(address))) : memory.OpenBus;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every two-level walk
    public uint LoadEntry32(ulong address) =>
        address < _memory.SizeInBytes ? Volatile.Read(ref Unsafe.As<byte, uint>(ref _memory.ForRead(address))) : (uint)_memory.OpenBus;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not a multiple of 8.</exception>
    public EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired)
    {
        PhysicalAccess.ThrowIfMisaligned(address, sizeof(ulong));
        if (address >= _memory.SizeInBytes)
        {
            return expected == _memory.OpenBus ? EntryUpdate.Ignored : EntryUpdate.Changed;
        }

        ref ulong entry = ref Unsafe.As<byte, ulong>(ref _memory.ForWrite(address));
        return Interlocked.CompareExchange(ref entry, desired, expected) == expected ? EntryUpdate.Done : EntryUpdate.Changed;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not a multiple of 4.</exception>
    public EntryUpdate UpdateEntry32(ulong address, uint expected, uint desired)
    {
        PhysicalAccess.ThrowIfMisaligned(address, sizeof(uint));
        if (address >= _memory.SizeInBytes)
        {
            return expected == (uint)_memory.OpenBus ? EntryUpdate.Ignored : EntryUpdate.Changed;
        }

        ref uint entry = ref Unsafe.As<byte, uint>(ref _memory.ForWrite(address));
        return Interlocked.CompareExchange(ref entry, desired, expected) == expected ? EntryUpdate.Done : EntryUpdate.Changed;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // every data load ends here
    public T Load<T>(ulong address)
        where T : unmanaged =>
        address < _memory.SizeInBytes ? Unsafe.ReadUnaligned<T>(ref _memory.ForRead(address)) : OpenBusValue<T>();

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// <paramref name="address"/> is so near the end of its page that the value does not fit.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // every data store ends here
    public void Store<T>(ulong address, T value)
        where T : unmanaged
    {
        PhysicalAccess.ThrowIfCrossing(address, Unsafe.SizeOf<T>(), nameof(address));
        if (address < _memory.SizeInBytes)
        {
            Unsafe.WriteUnaligned(ref _memory.ForWrite(address), value);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="destination"/> reaches into the next page.</exception>
    public void Read(ulong address, Span<byte> destination)
    {
        PhysicalAccess.ThrowIfCrossing(address, destination.Length, nameof(destination));
        if (address < _memory.SizeInBytes)
        {
            MemoryMarshal.CreateReadOnlySpan(ref _memory.ForRead(address), destination.Length).CopyTo(destination);
        }
        else
        {
            destination.Fill((byte)_memory.OpenBus);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="source"/> reaches into the next page.</exception>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
        PhysicalAccess.ThrowIfCrossing(address, source.Length, nameof(source));
        if (address < _memory.SizeInBytes && !source.IsEmpty)
        {
            source.CopyTo(MemoryMarshal.CreateSpan(ref _memory.ForWrite(address), source.Length));
        }
    }

    /// <inheritdoc/>
    public nint HostPage(ulong address, bool forWrite) => address < _memory.SizeInBytes ? _memory.HostPage(address, forWrite) : 0;

    private T OpenBusValue<T>()
        where T : unmanaged
    {
        T value = default;
        MemoryMarshal.AsBytes(new Span<T>(ref value)).Fill((byte)_memory.OpenBus);
        return value;
    }
}
