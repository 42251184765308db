namespace X86Pae.HostThreads;

/// <summary>How much an invalidation drops, the least first.</summary>
public enum InvalidationKind : byte
{
    /// <summary>The page of an address, global or not, whole if it is a large one, and the PDE cache, as INVLPG does.</summary>
    Page,

    /// <summary>All translations but global ones, as MOV CR3 does.</summary>
    NonGlobal,

    /// <summary>Everything.</summary>
    All,
}
