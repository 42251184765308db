namespace X86Pae.Smp;

/// <summary>Carries out a flush on each processor it runs on.</summary>
/// <param name="flush">What is dropped.</param>
internal readonly struct FlushHandler(TlbFlush flush) : IInterruptHandler
{
    /// <inheritdoc/>
    public void Handle(Processor processor) => flush.ApplyTo(processor);
}
