namespace X86Pae.Memory;

/// <summary>Physical memory as the MMU sees it: every address answers, and no access that a guest can make throws.</summary>
/// <remarks>
/// <para>
/// A bus is a struct and is passed as a type argument, so that the JIT compiles one body for each kind of memory and no access is
/// a virtual call. Addresses are physical bytes, 0 to 2^52 - 1.
/// </para>
/// <para>
/// An address with nothing behind it ignores writes and reads as the open-bus value. The architecture does not define that value;
/// each bus documents its own, and FFh in every byte is usual.
/// </para>
/// </remarks>
public interface IBus
{
    /// <summary>Loads one 64-bit page-table entry in a single atomic access.</summary>
    /// <param name="address">Physical byte address, a multiple of 8.</param>
    /// <returns>The entry.</returns>
    ulong LoadEntry64(ulong address);

    /// <summary>Loads one 32-bit page-table entry, as two-level paging has them, in a single atomic access.</summary>
    /// <param name="address">Physical byte address, a multiple of 4.</param>
    /// <returns>The entry.</returns>
    uint LoadEntry32(ulong address);

    /// <summary>
    /// Replaces a 64-bit value in a single atomic access if it is still <paramref name="expected"/>. A walk sets A and D of an
    /// entry so, and the MMU's CompareExchange is made of it.
    /// </summary>
    /// <param name="address">Physical byte address, a multiple of 8.</param>
    /// <param name="expected">The value that was read before.</param>
    /// <param name="desired">The value to store.</param>
    /// <returns>Whether the value was stored, had changed, or is in memory that ignores writes.</returns>
    EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired);

    /// <summary>Replaces a 32-bit value in a single atomic access if it is still <paramref name="expected"/>.</summary>
    /// <param name="address">Physical byte address, a multiple of 4.</param>
    /// <param name="expected">The value that was read before.</param>
    /// <param name="desired">The value to store.</param>
    /// <returns>Whether the value was stored, had changed, or is in memory that ignores writes.</returns>
    EntryUpdate UpdateEntry32(ulong address, uint expected, uint desired);

    /// <summary>Loads a value that lies within one 4-KiB page.</summary>
    /// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
    /// <param name="address">Physical byte address, any alignment.</param>
    /// <returns>The value, whose lowest byte is at <paramref name="address"/>.</returns>
    T Load<T>(ulong address)
        where T : unmanaged;

    /// <summary>Stores a value that lies within one 4-KiB page.</summary>
    /// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
    /// <param name="address">Physical byte address, any alignment.</param>
    /// <param name="value">The value; its lowest byte goes to <paramref name="address"/>.</param>
    void Store<T>(ulong address, T value)
        where T : unmanaged;

    /// <summary>Reads bytes that lie within one 4-KiB page.</summary>
    /// <param name="address">Physical byte address, any alignment.</param>
    /// <param name="destination">Receives the bytes, at most 4096.</param>
    void Read(ulong address, Span<byte> destination);

    /// <summary>Writes bytes that lie within one 4-KiB page.</summary>
    /// <param name="address">Physical byte address, any alignment.</param>
    /// <param name="source">The bytes, at most 4096.</param>
    void Write(ulong address, ReadOnlySpan<byte> source);

    /// <summary>Finds a page of plain RAM in the host's memory, so that accesses to it can do without the bus.</summary>
    /// <param name="address">Any physical byte address in the page.</param>
    /// <param name="forWrite">
    /// Whether the page is to be written as well; a sparse memory then gives an unwritten page memory of its own.
    /// </param>
    /// <returns>
    /// Host address of the page's first byte, which stays there as long as the bus is in use. 0 where every access must go over
    /// the bus: devices, ROM, holes, memory that may move and, unless <paramref name="forWrite"/> is true, pages not yet written.
    /// A bus may always return 0; accesses that hit are then slower.
    /// </returns>
    nint HostPage(ulong address, bool forWrite);
}

/// <summary>The outcome of a locked update of a page-table entry.</summary>
public enum EntryUpdate : byte
{
    /// <summary>The entry held the expected value and now holds the new one.</summary>
    Done,

    /// <summary>The entry no longer holds the expected value. Nothing was written, and the walk reads the entry again.</summary>
    Changed,

    /// <summary>
    /// The entry held the expected value, but its memory ignores writes, as ROM and holes do. The walk goes on as if the flags
    /// were set.
    /// </summary>
    Ignored,
}

/// <summary>The operation of a read-modify-write, as ADD or XCHG to memory.</summary>
/// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
/// <remarks>
/// An operation is a struct and is passed as a type argument to <c>Mmu.Update</c>, so that the JIT inlines it.
/// </remarks>
public interface IMemoryUpdate<T>
    where T : unmanaged
{
    /// <summary>Computes the value to store.</summary>
    /// <param name="value">The value that was loaded.</param>
    /// <returns>The value to store.</returns>
    T Apply(T value);
}
