namespace X86Pae.Samples.Processor.Registers;

/// <summary>Why a processor executes nothing more.</summary>
/// <param name="Kind">The cause.</param>
/// <param name="Message">One sentence for the user, which names EIP.</param>
public readonly record struct ProcessorStop(ProcessorStopKind Kind, string Message);

/// <summary>Causes that stop a processor.</summary>
public enum ProcessorStopKind
{
    /// <summary>HLT.</summary>
    Halt,

    /// <summary>An exception arose during the delivery of a double fault.</summary>
    TripleFault,

    /// <summary>The program uses a part of the architecture that this processor leaves out.</summary>
    Unsupported,
}
