namespace X86Pae.Lab.Comparison;

/// <summary>What the data caches of a CPU hold when it maps a page.</summary>
public enum CacheState
{
    /// <summary>What earlier mappings left there: nothing but mappings happens.</summary>
    Hot,

    /// <summary>Nothing: what the program does between two mappings has taken all room.</summary>
    Cold,
}
