namespace X86Pae.Kmap.Traces;

/// <summary>An operation of a recorded kernel on its temporary mappings, at the moment it takes effect.</summary>
public enum MappingOperationKind : byte
{
    /// <summary>kmap_local maps a page.</summary>
    LocalMap,

    /// <summary>kmap_local returns: what the kernel's address was.</summary>
    LocalMapped,

    /// <summary>kunmap_local.</summary>
    LocalUnmap,

    /// <summary>kmap maps a page.</summary>
    PoolMap,

    /// <summary>kmap returns: what the kernel's address was, and which flush it did on the way.</summary>
    PoolMapped,

    /// <summary>kunmap.</summary>
    PoolUnmap,

    /// <summary>A CPU switches from one task to another.</summary>
    Switch,
}
