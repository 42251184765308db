using X86Pae.Kmap.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Strategies;

/// <summary>A kernel's way to map single pages of high memory for a while.</summary>
/// <remarks>
/// Implemented by structs around their state and used as a type parameter, so that no call on the map and unmap path is
/// virtual. A strategy reaches the machine through <see cref="GuestKernel"/> alone.
/// </remarks>
public interface IMappingStrategy
{
    /// <summary>The kernel's own name for it.</summary>
    static abstract string Name { get; }

    /// <summary>What its callers have to respect.</summary>
    static abstract MappingContract Contract { get; }

    /// <summary>Maps a page for the task that runs on a CPU.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">The page; low memory is answered with its address in the direct map, at no cost.</param>
    MapOutcome Map(Processor processor, PageFrame frame);

    /// <summary>Gives a mapping up.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">The page that was mapped.</param>
    /// <param name="address">Any linear address in the page as it was mapped.</param>
    UnmapStatus Unmap(Processor processor, PageFrame frame, uint address);

    /// <summary>Called before another task runs on a CPU.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="task">The task that leaves.</param>
    void SwitchOut(Processor processor, KernelTask task);

    /// <summary>Called after a task has begun to run on a CPU.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="task">The task that arrives.</param>
    void SwitchIn(Processor processor, KernelTask task);
}
