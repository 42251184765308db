namespace X86Pae.Kmap.Strategies;

/// <summary>What a request to map a page returns.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Address">Linear address of the page's first byte; 0 unless it is mapped.</param>
public readonly record struct MapOutcome(MapStatus Status, uint Address)
{
    /// <summary>A page that is mapped.</summary>
    /// <param name="address">Linear address of its first byte.</param>
    public static MapOutcome At(uint address) => new(MapStatus.Mapped, address);

    /// <summary>A request that could not be served.</summary>
    /// <param name="status">Why.</param>
    public static MapOutcome Failed(MapStatus status) => new(status, 0);
}

/// <summary>What became of a request to map a page.</summary>
public enum MapStatus : byte
{
    /// <summary>The page is mapped.</summary>
    Mapped,

    /// <summary>There is no room; the task sleeps, and asks again when it is woken.</summary>
    Sleeps,

    /// <summary>There is no room, and waiting does not help: the kernel's function fails.</summary>
    Exhausted,

    /// <summary>The kernel would stop here (BUG): too many nested mappings, or a slot that is not empty.</summary>
    Bug,
}

/// <summary>What became of a request to unmap a page.</summary>
public enum UnmapStatus : byte
{
    /// <summary>The mapping is given up.</summary>
    Unmapped,

    /// <summary>Not the most recent mapping: the kernel warns, and clears the most recent one's entry all the same.</summary>
    OutOfOrder,

    /// <summary>The kernel would stop here (BUG): nothing is mapped there.</summary>
    Bug,
}
