using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Timing;

/// <summary>MMUs that charge what they do to the clock of a processor.</summary>
public static class TimedMmu
{
    /// <summary>Creates an MMU over RAM alone, with the translation caches of a processor.</summary>
    /// <param name="memory">Guest RAM; several MMUs may share it.</param>
    /// <param name="features">What CPUID enumerates.</param>
    /// <param name="clock">The clock that is charged; its model says which caches there are and what things cost.</param>
    /// <returns>An MMU after reset.</returns>
    public static Mmu<RamBus, CycleTiming> Create(GuestMemory memory, CpuFeatures features, ProcessorClock clock)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(clock);
        return new Mmu<RamBus, CycleTiming>(new RamBus(memory), new CycleTiming(clock), features, clock.Model.Tlbs);
    }
}
