using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>What a processor drops from its translation caches: pages one by one, or everything.</summary>
public readonly record struct TlbFlush
{
    private const uint PageSize = 4096;

    private readonly uint _start;
    private readonly uint _pages; // 0 for everything

    private TlbFlush(uint start, uint pages)
    {
        _start = start;
        _pages = pages;
    }

    /// <summary>Everything, global translations included (native_flush_tlb_global).</summary>
    /// <remarks>PGE off and on again, with the flags saved and interrupts off around it.</remarks>
    public static TlbFlush All => default;

    /// <summary>Whether everything is dropped.</summary>
    public bool IsFull => _pages == 0;

    /// <summary>Number of pages dropped one by one; 0 for everything.</summary>
    public int PageCount => (int)_pages;

    /// <summary>One page.</summary>
    /// <param name="linear">Any address in it.</param>
    public static TlbFlush Page(uint linear) => new(linear & ~(PageSize - 1), 1);

    /// <summary>A range of pages, one INVLPG each (do_kernel_range_flush).</summary>
    /// <param name="start">First address.</param>
    /// <param name="end">End of the range, above <paramref name="start"/>; a page that is touched is dropped whole.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="end"/> is not above <paramref name="start"/>.</exception>
    public static TlbFlush Range(uint start, uint end)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(end, start);
        uint first = start & ~(PageSize - 1);
        return new TlbFlush(first, ((end - 1 - first) / PageSize) + 1);
    }

    /// <summary>Linear address of the first page that is dropped.</summary>
    internal uint Start => _start;

    /// <summary>Carries it out on a processor, at its cost.</summary>
    /// <param name="processor">The processor.</param>
    internal void ApplyTo(Processor processor)
    {
        if (IsFull)
        {
            FlushAll(processor);
            return;
        }

        for (uint i = 0; i < _pages; i++)
        {
            processor.Mmu.Invlpg(_start + (i * PageSize));
        }
    }

    private static void FlushAll(Processor processor)
    {
        ProcessorClock clock = processor.Clock;
        clock.Charge(CycleAccount.Flush, clock.Model.PushfPopf);
        clock.Charge(CycleAccount.Flush, clock.Model.Cli);
        var cr4 = (uint)processor.Mmu.Cr4;
        processor.Mmu.WriteCr4(cr4 & ~(uint)Cr4.PageGlobalEnable);
        processor.Mmu.WriteCr4(cr4);
    }
}
