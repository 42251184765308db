namespace X86Pae.Kmap.Strategies;

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
