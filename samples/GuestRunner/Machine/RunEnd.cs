namespace X86Pae.GuestRunner.Machine;

/// <summary>How a run ended.</summary>
/// <param name="Kind">The cause.</param>
/// <param name="Message">One sentence for the user.</param>
internal readonly record struct RunEnd(RunEndKind Kind, string Message);

/// <summary>Causes that end a run.</summary>
internal enum RunEndKind
{
    /// <summary>The program wrote to the exit port.</summary>
    Exit,

    /// <summary>The output differs from the expected output.</summary>
    Difference,

    /// <summary>The program has used up the instructions it was given.</summary>
    InstructionLimit,

    /// <summary>The processor has stopped: HLT, a triple fault, or a part of the architecture that it lacks.</summary>
    ProcessorStop,
}
