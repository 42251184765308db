namespace X86Pae.Smp;

/// <summary>What the processors of a machine run side by side.</summary>
/// <remarks>Implemented by structs and used as a type parameter. It keeps its own state for each processor.</remarks>
public interface IProgram
{
    /// <summary>Asked whenever a processor has completed its last operation and nobody's clock is lower.</summary>
    /// <param name="processor">
    /// The processor. The program may use its MMU and clock directly: that is one uninterruptible step, which others see as a whole.
    /// </param>
    /// <returns>What it does next, at the time that its clock shows then.</returns>
    ProcessorOperation NextOperation(Processor processor);
}
