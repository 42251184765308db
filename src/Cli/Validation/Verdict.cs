namespace X86Pae.Cli.Validation;

/// <summary>What a figure of a target comes to.</summary>
internal enum Verdict
{
    /// <summary>It is met.</summary>
    Holds,

    /// <summary>It is not met, and need not be (T3).</summary>
    Differs,

    /// <summary>It is not met, should be, and the reason why not is written down (T2).</summary>
    Explained,

    /// <summary>It is not met and must be, or should be and nobody knows why it is not.</summary>
    Fails,
}
