namespace X86Pae.Memory;

/// <summary>Memory that drops every write: what looks at it leaves no trace.</summary>
/// <typeparam name="TBus">The memory behind it; it may be one on the stack.</typeparam>
/// <param name="bus">The memory behind it.</param>
/// <remarks>A walk over it sets no accessed or dirty flag, and succeeds or faults all the same. Loads reach devices.</remarks>
public readonly ref struct ReadOnlyBus<TBus>(TBus bus) : IBus
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
    /// <remarks>Always 0: through a host address writes would not be dropped.</remarks>
    public nint HostPage(ulong address, bool forWrite) => 0;
}
