namespace X86Pae.Explaining;

/// <summary>Where a walk takes an entry from.</summary>
public enum EntrySource : byte
{
    /// <summary>A table in memory.</summary>
    Memory,

    /// <summary>A PDPTE register, loaded by an earlier write of a control register.</summary>
    Register,

    /// <summary>The PDE cache, filled by an earlier walk.</summary>
    PdeCache,
}
