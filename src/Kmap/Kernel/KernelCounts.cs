namespace X86Pae.Kmap.Kernel;

/// <summary>What the kernel's mapping code has done on all CPUs.</summary>
public record struct KernelCounts
{
    /// <summary>32-bit stores to page-table entries; setting or clearing a PAE entry takes two.</summary>
    public long EntryStores { get; set; }

    /// <summary>Locked 64-bit exchanges of page-table entries (CMPXCHG8B).</summary>
    public long EntryExchanges { get; set; }

    /// <summary>Full TLB flushes, each CPU that ran one counted.</summary>
    public long FullFlushes { get; set; }

    /// <summary>Locks acquired.</summary>
    public long LockAcquisitions { get; set; }

    /// <summary>Locks that had to be waited for.</summary>
    public long LockContentions { get; set; }
}
