namespace X86Pae.Tlb;

/// <summary>Where a translation was found.</summary>
internal enum TlbHit : byte
{
    /// <summary>Nowhere: the tables must be walked.</summary>
    None,

    /// <summary>In the level that only loads use.</summary>
    Load,

    /// <summary>In the first level.</summary>
    First,

    /// <summary>In the second level.</summary>
    Second,
}
