namespace X86Pae.Paging;

/// <summary>How linear addresses become physical ones (Intel SDM vol. 3, 4.1.1).</summary>
public enum PagingMode : byte
{
    /// <summary>CR0.PG = 0: the linear address is the physical address.</summary>
    None,

    /// <summary>CR4.PAE = 0: two levels of 32-bit entries, 4-KiB and 4-MiB pages.</summary>
    TwoLevel,

    /// <summary>CR4.PAE = 1: four PDPTE registers over two levels of 64-bit entries, 4-KiB and 2-MiB pages.</summary>
    Pae,
}
