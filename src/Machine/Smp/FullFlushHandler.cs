namespace X86Pae.Smp;

/// <summary>Carries out a full flush on each processor it runs on.</summary>
internal readonly struct FullFlushHandler : IInterruptHandler
{
    /// <inheritdoc/>
    public void Handle(Processor processor) => TlbFlush.All.ApplyTo(processor);
}
