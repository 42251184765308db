using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae;

/// <summary>Creates the usual MMU over RAM alone.</summary>
public static class MmuFactory
{
    /// <summary>
    /// Creates the MMU of an emulator that does not measure. Nothing is timed, and most accesses go straight to host memory.
    /// </summary>
    /// <param name="memory">Guest RAM; several MMUs may share it.</param>
    /// <param name="features">The paging features of the processor.</param>
    /// <returns>An MMU as after reset, with <see cref="TlbConfiguration.Functional"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="features"/> contradict each other.</exception>
    public static Mmu<RamBus, NoTiming> CreateFunctional(GuestMemory memory, CpuFeatures features)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return new Mmu<RamBus, NoTiming>(new RamBus(memory), default, features, TlbConfiguration.Functional);
    }
}
