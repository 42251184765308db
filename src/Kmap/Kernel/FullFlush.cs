using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Kmap.Kernel;

/// <summary>Full flush of a CPU, global entries included: PGE off and on again with interrupts off (native_flush_tlb_global).</summary>
internal struct FullFlush : IInterruptHandler
{
    /// <summary>CPUs that ran it, bit n for CPU n.</summary>
    public ulong Processors { get; private set; }

    /// <inheritdoc/>
    public void Handle(Processor processor)
    {
        ProcessorClock clock = processor.Clock;
        clock.Charge(CycleAccount.Flush, clock.Model.PushfPopf);
        clock.Charge(CycleAccount.Flush, clock.Model.Cli);
        var cr4 = (uint)processor.Mmu.Cr4;
        processor.Mmu.WriteCr4(cr4 & ~(uint)Cr4.PageGlobalEnable);
        processor.Mmu.WriteCr4(cr4);
        Processors |= 1UL << processor.Index;
    }
}
