using X86Pae.Smp;

namespace X86Pae.Kmap.Kernel;

/// <summary>Flush of a few pages of a CPU, one INVLPG each (do_kernel_range_flush).</summary>
/// <param name="start">First address.</param>
/// <param name="end">End of the range.</param>
internal struct RangeFlush(uint start, uint end) : IInterruptHandler
{
    /// <summary>CPUs that ran it, bit n for CPU n.</summary>
    public ulong Processors { get; private set; }

    /// <inheritdoc/>
    public void Handle(Processor processor)
    {
        for (uint address = start; address < end; address += PageFrame.SizeInBytes)
        {
            processor.Mmu.Invlpg(address);
        }

        Processors |= 1UL << processor.Index;
    }
}
