namespace X86Pae.Explaining;

/// <summary>What decides an access.</summary>
public enum TranslationSource : byte
{
    /// <summary>CR0.PG = 0: nothing is translated.</summary>
    Identity,

    /// <summary>A walk of the tables in memory.</summary>
    Tables,

    /// <summary>A walk that begins at a cached page-directory entry.</summary>
    PdeCache,

    /// <summary>A cached translation.</summary>
    Tlb,
}
