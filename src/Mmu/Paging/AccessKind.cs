namespace X86Pae.Paging;

/// <summary>What an access does to the byte it addresses.</summary>
public enum AccessKind : byte
{
    /// <summary>A data load.</summary>
    Read,

    /// <summary>A data store.</summary>
    Write,

    /// <summary>An instruction fetch.</summary>
    Fetch,

    /// <summary>A locked or unlocked read-modify-write: translated once, with write intent, before anything is read.</summary>
    ReadModifyWrite,
}
