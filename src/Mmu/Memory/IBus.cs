namespace X86Pae.Memory;

/// <summary>Physical memory as the MMU sees it: every address answers, nothing throws for what a guest can ask.</summary>
/// <remarks>
/// Implemented by structs and used as a type parameter, so that the JIT compiles one body for each kind of memory.
/// Addresses are physical bytes, 0 to 2^52 - 1. An address with nothing behind it reads as the bus's open-bus value and
/// ignores writes (UNSURE in the architecture, so each bus documents its value).
/// </remarks>
public interface IBus
{
    /// <summary>Loads one 64-bit page-table entry in a single atomic access.</summary>
    /// <param name="address">Physical byte address, a multiple of 8.</param>
    ulong LoadEntry64(ulong address);

    /// <summary>Loads one 32-bit page-table entry (two-level paging) in a single atomic access.</summary>
    /// <param name="address">Physical byte address, a multiple of 4.</param>
    uint LoadEntry32(ulong address);

    /// <summary>Replaces a 64-bit entry if it still holds <paramref name="expected"/>: the locked accessed/dirty update.</summary>
    /// <param name="address">Physical byte address, a multiple of 8.</param>
    /// <param name="expected">The value the walk has seen.</param>
    /// <param name="desired">The value with the flags set.</param>
    EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired);

    /// <summary>The same for a 32-bit entry.</summary>
    /// <param name="address">Physical byte address, a multiple of 4.</param>
    /// <param name="expected">The value the walk has seen.</param>
    /// <param name="desired">The value with the flags set.</param>
    EntryUpdate UpdateEntry32(ulong address, uint expected, uint desired);

    /// <summary>Loads a value that lies within one 4-KiB page.</summary>
    /// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
    /// <param name="address">Physical byte address, any alignment.</param>
    T Load<T>(ulong address)
        where T : unmanaged;

    /// <summary>Stores a value that lies within one 4-KiB page.</summary>
    /// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
    /// <param name="address">Physical byte address, any alignment.</param>
    /// <param name="value">The value; little-endian in memory, as on the processor.</param>
    void Store<T>(ulong address, T value)
        where T : unmanaged;

    /// <summary>Reads bytes that lie within one 4-KiB page.</summary>
    /// <param name="address">Physical byte address, any alignment.</param>
    /// <param name="destination">At most 4096 bytes.</param>
    void Read(ulong address, Span<byte> destination);

    /// <summary>Writes bytes that lie within one 4-KiB page.</summary>
    /// <param name="address">Physical byte address, any alignment.</param>
    /// <param name="source">At most 4096 bytes.</param>
    void Write(ulong address, ReadOnlySpan<byte> source);

    /// <summary>Where a page of plain RAM is in the host's memory, so that it can be accessed without the bus.</summary>
    /// <param name="address">Any physical byte address in the page.</param>
    /// <param name="forWrite">Whether it is to be written as well; then an unwritten page is given memory of its own.</param>
    /// <returns>
    /// Host address of the page's first byte, fixed as long as the bus is in use; 0 where every access must go over the bus:
    /// devices, ROM, holes, pages that are not fixed or, unless <paramref name="forWrite"/>, not yet written. 0 is always right.
    /// </returns>
    nint HostPage(ulong address, bool forWrite);
}

/// <summary>What became of a locked update of a page-table entry.</summary>
public enum EntryUpdate : byte
{
    /// <summary>The entry held the expected value and now holds the new one.</summary>
    Done,

    /// <summary>The entry no longer holds the expected value; nothing was written and the walk starts again.</summary>
    Changed,

    /// <summary>
    /// The entry held the expected value, but the memory ignores writes (ROM, a hole): the walk goes on, as it would on a bus
    /// that drops the write.
    /// </summary>
    Ignored,
}

/// <summary>What a read-modify-write makes of the value it finds.</summary>
/// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
/// <remarks>Implemented by structs and used as a type parameter.</remarks>
public interface IMemoryUpdate<T>
    where T : unmanaged
{
    /// <summary>Computes the value to store.</summary>
    /// <param name="value">The value found.</param>
    T Apply(T value);
}
