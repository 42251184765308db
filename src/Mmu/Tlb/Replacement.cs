namespace X86Pae.Tlb;

/// <summary>Which entry of a set makes room for a new one.</summary>
public enum Replacement : byte
{
    /// <summary>Tree pseudo-LRU over a power of two of ways.</summary>
    TreePlru,

    /// <summary>The entry used longest ago.</summary>
    Lru,

    /// <summary>The entry filled longest ago.</summary>
    Fifo,

    /// <summary>Any entry, from a fixed seed.</summary>
    Random,

    /// <summary>
    /// Three trees of four ways each; the tree after the one used last gives the victim (second level of Kaby Lake; vusec/tlbdr).
    /// </summary>
    ThreeTrees,
}
