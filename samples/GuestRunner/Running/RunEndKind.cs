namespace X86Pae.GuestRunner.Running;

/// <summary>Why a run is over.</summary>
internal enum RunEndKind
{
    /// <summary>The program wrote to the exit port.</summary>
    Exit,

    /// <summary>The output differs from what was expected.</summary>
    Difference,

    /// <summary>HLT: no device of this machine interrupts, so nothing can wake the processor.</summary>
    Halt,

    /// <summary>An exception during the delivery of a double fault.</summary>
    TripleFault,

    /// <summary>The program has used up the instructions it was given.</summary>
    InstructionLimit,

    /// <summary>The program needs a part of the architecture that the sample leaves out.</summary>
    Unsupported,
}
