using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>One logical processor of a <see cref="Machine"/>: its MMU and its clock.</summary>
public sealed class Processor
{
    internal Processor(int index, GuestMemory memory, CpuModel model, CpuFeatures features)
    {
        Index = index;
        Clock = new ProcessorClock(model);
        Mmu = new Mmu<RamBus, CycleTiming>(new RamBus(memory), new CycleTiming(Clock), features, model.Tlbs);
    }

    /// <summary>Number of this processor, from 0.</summary>
    public int Index { get; }

    /// <summary>Its MMU, timed by <see cref="Clock"/>.</summary>
    public Mmu<RamBus, CycleTiming> Mmu { get; }

    /// <summary>Its clock, cycle accounts and event counts.</summary>
    public ProcessorClock Clock { get; }
}
