using X86Pae.Memory;

namespace X86Pae.Cli.Snapshots;

/// <summary>Guest memory that nothing changes: walks work, and leave no accessed or dirty flag behind.</summary>
/// <param name="ram">The memory.</param>
internal readonly struct FrozenBus(RamBus ram) : IBus
{
    /// <inheritdoc/>
    public ulong LoadEntry64(ulong address) => ram.LoadEntry64(address);

    /// <inheritdoc/>
    public uint LoadEntry32(ulong address) => ram.LoadEntry32(address);

    /// <inheritdoc/>
    public EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired) => EntryUpdate.Ignored;

    /// <inheritdoc/>
    public EntryUpdate UpdateEntry32(ulong address, uint expected, uint desired) => EntryUpdate.Ignored;

    /// <inheritdoc/>
    public T Load<T>(ulong address)
        where T : unmanaged =>
        ram.Load<T>(address);

    /// <inheritdoc/>
    public void Store<T>(ulong address, T value)
        where T : unmanaged
    {
    }

    /// <inheritdoc/>
    public void Read(ulong address, Span<byte> destination) => ram.Read(address, destination);

    /// <inheritdoc/>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
    }
}
