namespace X86Pae.Kmap.Strategies;

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
