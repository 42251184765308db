namespace X86Pae.Cli.Walks;

/// <summary>How a case of the walk vectors ends.</summary>
internal enum WalkEnding
{
    /// <summary>The access succeeds.</summary>
    Ok,

    /// <summary>The access raises a page fault.</summary>
    PageFault,

    /// <summary>The CR3 load before the access raises #GP, because a PDPTE has a reserved bit set.</summary>
    GeneralProtection,
}
