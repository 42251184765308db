namespace X86Pae.Lab.Experiments;

/// <summary>What one record of an <see cref="AddressTrace"/> says a processor did.</summary>
public enum AddressRecordKind : byte
{
    /// <summary>The first instruction fetch from a page since the last one was from another.</summary>
    Fetch,

    /// <summary>A load.</summary>
    Load,

    /// <summary>A store.</summary>
    Store,

    /// <summary>MOV to CR3; the value is not recorded.</summary>
    MovCr3,

    /// <summary>INVLPG; the address is not recorded.</summary>
    Invlpg,

    /// <summary>MOV to CR4; the value is not recorded.</summary>
    MovCr4,
}
