namespace X86Pae.Paging;

/// <summary>What a control-register write obliges the translation caches to drop (Intel SDM vol. 3, 4.10.4.1 and 11.9).</summary>
public enum Invalidation : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>All translations but global ones, and all paging-structure-cache entries.</summary>
    NonGlobal,

    /// <summary>Everything.</summary>
    All,
}
