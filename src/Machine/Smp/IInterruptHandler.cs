namespace X86Pae.Smp;

/// <summary>What a processor does when it takes an interprocessor interrupt.</summary>
/// <remarks>Implemented by structs and used as a type parameter, so that no call on the path of a shootdown is virtual.</remarks>
public interface IInterruptHandler
{
    /// <summary>Runs with interrupts off; on a target between delivery and acknowledgement.</summary>
    /// <param name="processor">The processor it runs on.</param>
    void Handle(Processor processor);
}
