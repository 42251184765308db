using BenchmarkDotNet.Attributes;
using X86Pae.Bench.Simulation;
using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Lab.Experiments;
using X86Pae.Timing;

namespace X86Pae.Bench.Mappings;

/// <summary>Map, touch and unmap of one page by each strategy on four CPUs, against touching low memory.</summary>
/// <remarks>Each invocation is a whole number of a strategy's flush periods, so that the simulated averages are exact.</remarks>
[BenchmarkCategory("Mapping")]
public class MappingBenchmarks : ISimulated
{
    private const int Processors = 4;
    private const int Operations = 32 * KernelLayout.PkmapSlots;

    // Three times 32 MiB may be lazy with four CPUs; a mapping and its guard are two pages; the one that exceeds it purges.
    private const int VmapPeriod = (3 * (32 << 20) / PageFrame.SizeInBytes / 2) + 1;
    private const int VmapOperations = Processors * VmapPeriod;

    private const int DistinctPages = 4096; // far more than the pool's slots
    private const int HotPages = 64;

    private static readonly PageFrame LowMemory = new(0x4000);
    private static readonly PageFrame HighMemory = new(0x10_0000);

    private MappingLoop? _loop;

    /// <inheritdoc/>
    public SimulatedTotals? Totals => _loop is null ? null : TotalsOf(_loop.Kernel);

    [GlobalSetup(Target = nameof(TouchDirectMap))]
    public void SetUpDirectMap() => _loop = Loop(kernel => new DirectMap(kernel), LowMemory, DistinctPages);

    [GlobalSetup(Target = nameof(KmapDistinctPages))]
    public void SetUpKmapDistinctPages() => _loop = Loop(kernel => new PersistentKmap(kernel), HighMemory, DistinctPages);

    [GlobalSetup(Target = nameof(KmapHotSet))]
    public void SetUpKmapHotSet() => _loop = Loop(kernel => new PersistentKmap(kernel), HighMemory, HotPages);

    [GlobalSetup(Target = nameof(KmapAtomic))]
    public void SetUpKmapAtomic() => _loop = Loop(kernel => new KmapAtomic(kernel), HighMemory, DistinctPages);

    [GlobalSetup(Target = nameof(KmapLocal))]
    public void SetUpKmapLocal() => _loop = Loop(kernel => new KmapLocal(kernel), HighMemory, DistinctPages);

    [GlobalSetup(Target = nameof(Vmap))]
    public void SetUpVmap() => _loop = Loop(kernel => new Vmap(kernel), HighMemory, DistinctPages);

    [Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public ulong TouchDirectMap() => _loop!.Run(Operations);

    [Benchmark(OperationsPerInvoke = Operations)]
    public ulong KmapDistinctPages() => _loop!.Run(Operations);

    [Benchmark(OperationsPerInvoke = Operations)]
    public ulong KmapHotSet() => _loop!.Run(Operations);

    [Benchmark(OperationsPerInvoke = Operations)]
    public ulong KmapAtomic() => _loop!.Run(Operations);

    [Benchmark(OperationsPerInvoke = Operations)]
    public ulong KmapLocal() => _loop!.Run(Operations);

    [Benchmark(OperationsPerInvoke = VmapOperations)]
    public ulong Vmap() => _loop!.Run(VmapOperations);

    private static SimulatedTotals TotalsOf(GuestKernel kernel) =>
        SimulatedTotals.Of(kernel.Machine, kernel.Counts.EntryStores + kernel.Counts.EntryExchanges);

    private static MappingLoop Loop<TStrategy>(Func<GuestKernel, TStrategy> create, PageFrame first, int pages)
        where TStrategy : struct, IMappingStrategy
    {
        GuestKernel kernel = GuestKernel.Boot(CpuModels.CoreDuo, Processors);
        return MappingLoop.Of(kernel, create(kernel), TouchedPage.Shuffled(first, pages));
    }
}
