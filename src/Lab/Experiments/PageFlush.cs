using X86Pae.Smp;

namespace X86Pae.Lab.Experiments;

/// <summary>What a target of the shootdown experiments does: flushes one page, or nothing.</summary>
/// <param name="flushes">Whether it flushes.</param>
internal readonly struct PageFlush(bool flushes) : IInterruptHandler
{
    /// <inheritdoc/>
    public void Handle(Processor processor)
    {
        if (flushes)
        {
            processor.Mmu.Invlpg(GuestPages.Block);
        }
    }
}
