// Pages of high memory mapped, read and unmapped one at a time, by each CPU in turn. A CPU begins when the one before it is
// done: no lock is contended, and its line moves every time. What is measured are whole turns of the pool of 512 slots, after
// one turn to warm up.

using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Experiments;

/// <summary>Cost of a mapping by a strategy, on CPUs that do nothing else.</summary>
/// <param name="model">The CPUs.</param>
/// <param name="processors">How many, 1 to the number that the kernel is laid out for.</param>
public sealed class MappingExperiment(CpuModel model, int processors)
{
    private const int Turns = 4;
    private const int Frames = 2 * KernelLayout.PkmapSlots;

    private static readonly PageFrame FirstFrame = new(0x10_0000); // at 4 GiB

    private readonly CpuModel _model = model ?? throw new ArgumentNullException(nameof(model));

    /// <summary>kmap: one pool for all CPUs, flushed everywhere once in a turn.</summary>
    public MappingCost MeasureKmap() => Measure(kernel => new PersistentKmap(kernel));

    /// <summary>kmap_atomic: slots of each CPU's own, one INVLPG at each unmap.</summary>
    public MappingCost MeasureKmapAtomic() => Measure(kernel => new KmapAtomic(kernel));

    /// <summary>A global mapping that is flushed everywhere as soon as it is given up: the pool without its turns.</summary>
    public MappingCost MeasureUnamortisedKmap() => Measure(kernel => new UnamortisedKmap(kernel));

    /// <summary>Any strategy.</summary>
    /// <typeparam name="TStrategy">The strategy.</typeparam>
    /// <param name="create">Creates it on a kernel that has just booted.</param>
    /// <exception cref="InvalidOperationException">The strategy did not map a page, mapped another one, or did not unmap it.</exception>
    public MappingCost Measure<TStrategy>(Func<GuestKernel, TStrategy> create)
        where TStrategy : struct, IMappingStrategy
    {
        ArgumentNullException.ThrowIfNull(create);
        GuestKernel kernel = GuestKernel.Boot(_model, processors);
        MappingLoop loop = MappingLoop.Of(kernel, create(kernel), TouchedPage.InOrder(FirstFrame, Frames));
        loop.Run(Frames);
        MappingCost before = loop.Cost;
        loop.Run(Turns * Frames);
        return loop.Cost.Since(before);
    }
}

/// <summary>What kmap would cost without its pool: a slot of the pool's window that every CPU drops when it is given up.</summary>
/// <param name="kernel">The kernel.</param>
internal readonly struct UnamortisedKmap(GuestKernel kernel) : IMappingStrategy
{
    /// <inheritdoc/>
    public static string Name => "kmap without amortisation";

    /// <inheritdoc/>
    public static MappingContract Contract => MappingContract.LastInFirstOut | MappingContract.NoSleep;

    /// <inheritdoc/>
    public MapOutcome Map(Processor processor, PageFrame frame)
    {
        kernel.SetEntry(processor, kernel.Layout.PkmapBase, frame.PhysicalAddress | GuestKernel.KmapProtection);
        return MapOutcome.At(kernel.Layout.PkmapBase);
    }

    /// <inheritdoc/>
    public UnmapStatus Unmap(Processor processor, PageFrame frame, uint address)
    {
        kernel.ClearEntry(processor, address);
        kernel.FlushTlbKernelRange(processor, address, address + PageFrame.SizeInBytes);
        return UnmapStatus.Unmapped;
    }

    /// <inheritdoc/>
    public void SwitchOut(Processor processor, KernelTask task)
    {
    }

    /// <inheritdoc/>
    public void SwitchIn(Processor processor, KernelTask task)
    {
    }
}
