namespace X86Pae.Smp;

/// <summary>What the interrupt handler of a processor is at; interrupts are off in all phases but the first.</summary>
internal enum HandlerPhase : byte
{
    /// <summary>No interrupt is being handled.</summary>
    None,

    /// <summary>It has been entered, and takes all requests that are in the queue now.</summary>
    Taking,

    /// <summary>It has carried out a request, and acknowledges it.</summary>
    Acknowledging,
}
