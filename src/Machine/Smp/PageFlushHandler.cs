namespace X86Pae.Smp;

/// <summary>Charges each processor it runs on for a flush of pages, whose effect the machine's log brings about.</summary>
/// <param name="pages">How many pages.</param>
internal readonly struct PageFlushHandler(int pages) : IInterruptHandler
{
    /// <inheritdoc/>
    public void Handle(Processor processor) => processor.Clock.ChargeInvlpgs(pages);
}
