using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace X86Pae.Memory;

/// <summary>The bus over a span: index 0 is physical address 0, and the addresses from its end on are open bus.</summary>
/// <remarks>
/// For callers that keep guest RAM in one buffer of their own. Nothing is allocated, and no byte outside the span is touched.
/// Loads and updates of page-table entries are atomic if the buffer is aligned to 8 bytes.
/// </remarks>
public readonly ref struct SpanBus : IBus
{
    private readonly Span<byte> _memory;
    private readonly ulong _entriesEnd; // a 64-bit entry at an address below this one lies within the span
    private readonly byte _openBus;

    /// <summary>Makes the bus of a buffer.</summary>
    /// <param name="memory">Guest RAM; its length is the size of RAM in bytes.</param>
    /// <param name="openBus">The value of each byte beyond the end.</param>
    /// <exception cref="ArgumentException"><paramref name="memory"/> is empty.</exception>
    public SpanBus(Span<byte> memory, byte openBus = 0xFF)
    {
        if (memory.IsEmpty)
        {
            throw new ArgumentException("A bus needs at least one byte of memory.", nameof(memory));
        }

        _memory = memory;
        _entriesEnd = (ulong)Math.Max(0, memory.Length - sizeof(ulong) + 1);
        _openBus = openBus;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every walk
    public ulong LoadEntry64(ulong address) =>
        address < _entriesEnd ? Volatile.Read(ref At<ulong>(address)) : LoadPartly<ulong>(address);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of every two-level walk
    public uint LoadEntry32(ulong address) =>
        Holds(address, sizeof(uint)) ? Volatile.Read(ref At<uint>(address)) : LoadPartly<uint>(address);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not a multiple of 8.</exception>
    public EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired)
    {
        PhysicalAccess.ThrowIfMisaligned(address, sizeof(ulong));
        if (!Holds(address, sizeof(ulong)))
        {
            return LoadEntry64(address) == expected ? EntryUpdate.Ignored : EntryUpdate.Changed;
        }

        return Interlocked.CompareExchange(ref At<ulong>(address), desired, expected) == expected
            ? EntryUpdate.Done
            : EntryUpdate.Changed;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not a multiple of 4.</exception>
    public EntryUpdate UpdateEntry32(ulong address, uint expected, uint desired)
    {
        PhysicalAccess.ThrowIfMisaligned(address, sizeof(uint));
        if (!Holds(address, sizeof(uint)))
        {
            return LoadEntry32(address) == expected ? EntryUpdate.Ignored : EntryUpdate.Changed;
        }

        return Interlocked.CompareExchange(ref At<uint>(address), desired, expected) == expected
            ? EntryUpdate.Done
            : EntryUpdate.Changed;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // every data load ends here
    public T Load<T>(ulong address)
        where T : unmanaged
    {
        if (Holds(address, Unsafe.SizeOf<T>()))
        {
            return Unsafe.ReadUnaligned<T>(ref At<byte>(address));
        }

        return LoadPartly<T>(address);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // every data store ends here
    public void Store<T>(ulong address, T value)
        where T : unmanaged
    {
        if (Holds(address, Unsafe.SizeOf<T>()))
        {
            Unsafe.WriteUnaligned(ref At<byte>(address), value);
        }
        else
        {
            Write(address, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
        }
    }

    /// <inheritdoc/>
    public void Read(ulong address, Span<byte> destination)
    {
        int backed = BackedBytes(address, destination.Length);
        if (backed > 0)
        {
            _memory.Slice((int)address, backed).CopyTo(destination);
        }

        destination[backed..].Fill(_openBus);
    }

    /// <inheritdoc/>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
        int backed = BackedBytes(address, source.Length);
        if (backed > 0)
        {
            source[..backed].CopyTo(_memory[(int)address..]);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Always 0: the garbage collector may move the memory behind the span.</remarks>
    public nint HostPage(ulong address, bool forWrite) => 0;

    /// <summary>Loads a 64-bit entry in a single atomic access, if all of it is in the buffer.</summary>
    /// <param name="memory">Guest RAM.</param>
    /// <param name="address">Physical byte address, a multiple of 8.</param>
    /// <param name="entry">The entry; 0 where it is not in the buffer.</param>
    /// <remarks>
    /// A walk that takes the span itself keeps it in registers. A bus that is passed by reference would be read from the stack.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of a walk
    internal static bool TryLoadEntry64(Span<byte> memory, ulong address, out ulong entry)
    {
        if (address >= ((uint)memory.Length & ~7u))
        {
            entry = 0;
            return false;
        }

        entry = Volatile.Read(ref Unsafe.As<byte, ulong>(ref Unsafe.Add(ref MemoryMarshal.GetReference(memory), (nint)address)));
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the loads within the span small
    private T LoadPartly<T>(ulong address)
        where T : unmanaged
    {
        T value = default;
        Read(address, MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    private bool Holds(ulong address, int size) =>
        address < (ulong)_memory.Length && (ulong)_memory.Length - address >= (ulong)size;

    private ref T At<T>(ulong address) =>
        ref Unsafe.As<byte, T>(ref Unsafe.Add(ref MemoryMarshal.GetReference(_memory), (nint)address));

    private int BackedBytes(ulong address, int length) =>
        address >= (ulong)_memory.Length ? 0 : (int)Math.Min((ulong)_memory.Length - address, (ulong)length);
}
