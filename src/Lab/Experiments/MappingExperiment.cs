// Pages of high memory mapped, read and unmapped one at a time, by each CPU in turn. A CPU begins when the one before it is
// done: no lock is contended, and its line moves every time. What is measured are whole turns of the pool of 512 slots, after
// one turn to warm up.

using X86Pae.Lab.Comparison;
using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Experiments;

/// <summary>Cost of a mapping by each strategy, on CPUs that do nothing else.</summary>
/// <param name="model">The CPUs.</param>
/// <param name="processors">How many, 1 to the number that the kernel is laid out for.</param>
public sealed class MappingExperiment(CpuModel model, int processors)
{
    private const int Turns = 4;
    private const ulong FirstFrame = 0x10_0000; // at 4 GiB
    private const int Frames = 2 * KernelLayout.PkmapSlots;
    private const int LineBytes = 64;

    private readonly CpuModel _model = model ?? throw new ArgumentNullException(nameof(model));

    /// <summary>kmap: one pool for all CPUs, flushed everywhere once in a turn.</summary>
    public MappingCost MeasureKmap() => Measure(kernel => new PersistentKmap(kernel));

    /// <summary>kmap_atomic: slots of each CPU's own, one INVLPG at each unmap.</summary>
    public MappingCost MeasureKmapAtomic() => Measure(kernel => new KmapAtomic(kernel));

    /// <summary>A global mapping that is flushed everywhere as soon as it is given up: the pool without its turns.</summary>
    public MappingCost MeasureUnamortisedKmap() => Measure(kernel => new UnamortisedKmap(kernel));

    private static MappingCost Since(GuestKernel kernel, MappingCost before, int maps)
    {
        CycleAccounts accounts = default;
        long ipis = 0;
        foreach (Processor processor in kernel.Machine.Processors)
        {
            accounts.Add(processor.Clock.Accounts);
            ipis += processor.Clock.Counts.IpisSent;
        }

        foreach (CycleAccount account in Enum.GetValues<CycleAccount>())
        {
            accounts[account] -= before.Accounts[account];
        }

        return new MappingCost(accounts, ipis - before.IpisSent, maps);
    }

    private static void Serve<TStrategy>(GuestKernel kernel, TStrategy strategy, int maps)
        where TStrategy : struct, IMappingStrategy
    {
        ReadOnlySpan<Processor> all = kernel.Machine.Processors;
        Processor previous = all[^1];
        for (int i = 0; i < maps; i++)
        {
            Processor processor = all[i % all.Length];
            processor.Clock.IdleUntil(previous.Clock.Now);
            previous = processor;
            var frame = new PageFrame(FirstFrame + (ulong)(i % Frames));
            uint address = strategy.Map(processor, frame).Address;
            uint place = (uint)(i * LineBytes % PageFrame.SizeInBytes);
            bool served = !processor.Mmu.Read(address + place, Access.SupervisorRead, out ulong _).IsFault
                && strategy.Unmap(processor, frame, address) == UnmapStatus.Unmapped;
            if (!served)
            {
                throw new InvalidOperationException($"{TStrategy.Name} did not serve mapping {i}.");
            }
        }
    }

    private MappingCost Measure<TStrategy>(Func<GuestKernel, TStrategy> create)
        where TStrategy : struct, IMappingStrategy
    {
        GuestKernel kernel = StrategyComparison.Boot(_model, processors);
        TStrategy strategy = create(kernel);
        Serve(kernel, strategy, Frames);
        MappingCost before = Since(kernel, default, 0);
        const int Maps = Turns * Frames;
        Serve(kernel, strategy, Maps);
        return Since(kernel, before, Maps);
    }
}
