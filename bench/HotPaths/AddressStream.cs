namespace X86Pae.Bench.HotPaths;

/// <summary>Random addresses, always the same, and more of them than a branch predictor can learn.</summary>
internal static class AddressStream
{
    /// <summary>Number of addresses, and so of operations for each invocation.</summary>
    public const int Length = 1 << 18;

    /// <summary>0, but not to the JIT: the last result and this makes an address wait for that result.</summary>
    public static uint Zero { get; } = (uint)new Random(2026).Next(1);

    private const int LineSize = 64;
    private const int LinesPerPage = 64;

    /// <summary>Aligned four-byte words in random pages.</summary>
    /// <param name="start">Linear address of the first page.</param>
    /// <param name="pages">Number of pages.</param>
    /// <param name="distance">From one page to the next, in pages.</param>
    /// <remarks>Each page has its words in one cache line, of another set than its neighbours, so that loads hit.</remarks>
    public static uint[] Create(uint start, int pages, int distance = 1)
    {
        var random = new Random(2026);
        var addresses = new uint[Length];
        for (int i = 0; i < addresses.Length; i++)
        {
            int page = random.Next(pages);
            int line = page * 37 % LinesPerPage;
            int offset = (line * LineSize) + (4 * random.Next(LineSize / 4));
            addresses[i] = start + (uint)((page * distance * GuestTables.PageSize) + offset);
        }

        return addresses;
    }
}
