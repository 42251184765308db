namespace X86Pae.Cli.Validation;

/// <summary>How binding a target is.</summary>
internal enum Tier
{
    /// <summary>Must hold.</summary>
    T1,

    /// <summary>Holds, or carries a written reason.</summary>
    T2,

    /// <summary>Is only reported.</summary>
    T3,
}
