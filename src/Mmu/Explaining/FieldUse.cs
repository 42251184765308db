namespace X86Pae.Explaining;

/// <summary>What the processor does with a field of an entry.</summary>
public enum FieldUse : byte
{
    /// <summary>It counts.</summary>
    Used,

    /// <summary>It is not looked at, in this format or under the current control bits.</summary>
    Ignored,

    /// <summary>It must be 0 in a present entry.</summary>
    Reserved,
}
