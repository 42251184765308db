using X86Pae.Memory;

namespace X86Pae.Explaining;

/// <summary><see cref="ReadOnlyBus{TBus}"/> for any bus, those on the stack included: every write is dropped.</summary>
/// <typeparam name="TBus">The memory behind it.</typeparam>
/// <param name="bus">The memory behind it.</param>
internal readonly ref struct TableReader<TBus>(TBus bus) : IBus
    where TBus : struct, IBus, allows ref struct
{
    private readonly TBus _bus = bus;

    /// <inheritdoc/>
    public ulong LoadEntry64(ulong address) => _bus.LoadEntry64(address);

    /// <inheritdoc/>
    public uint LoadEntry32(ulong address) => _bus.LoadEntry32(address);

    /// <inheritdoc/>
    public EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired) => EntryUpdate.Ignored;

    /// <inheritdoc/>
    public EntryUpdate UpdateEntry32(ulong address, uint expected, uint desired) => EntryUpdate.Ignored;

    /// <inheritdoc/>
    public T Load<T>(ulong address)
        where T : unmanaged => _bus.Load<T>(address);

    /// <inheritdoc/>
    public void Store<T>(ulong address, T value)
        where T : unmanaged
    {
    }

    /// <inheritdoc/>
    public void Read(ulong address, Span<byte> destination) => _bus.Read(address, destination);

    /// <inheritdoc/>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
    }

    /// <inheritdoc/>
    public nint HostPage(ulong address, bool forWrite) => 0;
}
