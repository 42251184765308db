namespace X86Pae.Lab.Comparison;

/// <summary>What is read through each mapping while it lives.</summary>
public enum Touch : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The first eight bytes of the page.</summary>
    Once,

    /// <summary>Eight bytes of each cache line of the page.</summary>
    Page,
}
