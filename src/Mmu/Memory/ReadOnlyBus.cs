namespace X86Pae.Memory;

/// <summary>A bus that reads another one and drops every write, so that a walk over it sets no accessed or dirty flag.</summary>
/// <typeparam name="TBus">The bus that is read; a ref struct is allowed.</typeparam>
/// <param name="bus">The bus that is read. A device on it sees the loads.</param>
/// <remarks>
/// An update of an entry reports <see cref="EntryUpdate.Ignored"/>, so the walk goes on as if the flags were set.
/// </remarks>
internal readonly ref struct ReadOnlyBus<TBus>(TBus bus) : IBus
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
    /// <remarks>Always 0: a write through a host address would not be dropped.</remarks>
    public nint HostPage(ulong address, bool forWrite) => 0;
}
