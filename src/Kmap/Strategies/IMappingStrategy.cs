using X86Pae.Kmap.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Strategies;

/// <summary>A kernel's way to map single pages of high memory for a while.</summary>
/// <remarks>
/// <para>
/// Implemented by structs around their state and used as a type parameter, so that no call on the map and unmap path is
/// virtual; a copy of the struct must share its state. A strategy reaches the machine through <see cref="GuestKernel"/> alone;
/// what the kernel's own strategies use is public.
/// </para>
/// <para>Every method is called with a CPU of the kernel's machine, and costs what its primitives are charged.</para>
/// </remarks>
public interface IMappingStrategy
{
    /// <summary>The kernel's own name for it.</summary>
    static abstract string Name { get; }

    /// <summary>What its callers have to respect.</summary>
    static abstract MappingContract Contract { get; }

    /// <summary>Maps a page for the task that runs on a CPU.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">The page; low memory is usually answered with its address in the direct map, at no cost.</param>
    /// <returns>Its address, or why there is none.</returns>
    MapOutcome Map(Processor processor, PageFrame frame);

    /// <summary>Gives a mapping up.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">The page that was mapped.</param>
    /// <param name="address">Any linear address in the page as it was mapped.</param>
    /// <returns>Whether the mapping is given up.</returns>
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

/// <summary>What callers of a strategy have to respect (Linux 6.12 Documentation/mm/highmem.rst).</summary>
[Flags]
public enum MappingContract : byte
{
    /// <summary>Anything goes: any CPU, any order, sleeping while mapped.</summary>
    None = 0,

    /// <summary>Mappings are given up in the reverse order of their making.</summary>
    LastInFirstOut = 1 << 0,

    /// <summary>A mapping is valid on the CPU that made it only; its task stays there.</summary>
    OneProcessor = 1 << 1,

    /// <summary>The task does not sleep, and is not switched out, while it holds a mapping.</summary>
    NoSleep = 1 << 2,
}
