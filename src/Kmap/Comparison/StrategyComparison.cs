using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Kmap.Comparison;

/// <summary>Serves one workload by each strategy, each on a machine of its own that has just booted.</summary>
public static class StrategyComparison
{
    private const ulong MemoryInBytes = 64UL << 30;

    private static readonly (string Name, Func<Workload, CpuModel, Touch, KernelLayout?, CacheState, StrategyResult> Serve)[] All =
    [
        (PersistentKmap.Name, Server(kernel => new PersistentKmap(kernel))),
        (KmapAtomic.Name, Server(kernel => new KmapAtomic(kernel))),
        (KmapLocal.Name, Server(kernel => new KmapLocal(kernel))),
        (Vmap.Name, Server(kernel => new Vmap(kernel))),
    ];

    /// <summary>Names of the strategies that are compared.</summary>
    public static IReadOnlyList<string> Strategies { get; } = [.. All.Select(strategy => strategy.Name)];

    /// <summary>Boots a kernel for a recording or a workload.</summary>
    /// <param name="model">The processors.</param>
    /// <param name="processors">How many, 1 to the number that the layout is for.</param>
    /// <param name="layout">The kernel's layout; null for the recorded kernels' (NR_CPUS 32).</param>
    /// <remarks>64 GiB of memory, of which only what is touched costs anything; 36 physical address bits and NX.</remarks>
    public static GuestKernel Boot(CpuModel model, int processors, KernelLayout? layout = null) => new(
        new Machine(model, CpuFeatures.Pae36 with { Nx = true }, processors, MemoryInBytes),
        layout ?? new KernelLayout());

    /// <summary>Runs all strategies.</summary>
    /// <param name="workload">The mappings.</param>
    /// <param name="model">The processors.</param>
    /// <param name="touch">What is read through each mapping.</param>
    /// <param name="layout">The kernel's layout; null for the recorded kernels'.</param>
    /// <param name="caches">What the data caches hold before each mapping.</param>
    /// <returns>One result for each strategy, the cheapest first.</returns>
    public static IReadOnlyList<StrategyResult> Run(
        Workload workload, CpuModel model, Touch touch, KernelLayout? layout = null, CacheState caches = CacheState.Hot)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(model);
        return [.. All.Select(strategy => strategy.Serve(workload, model, touch, layout, caches))
            .OrderBy(result => result.CyclesPerMap)];
    }

    /// <summary>Runs one strategy.</summary>
    /// <param name="strategy">One of <see cref="Strategies"/>.</param>
    /// <param name="workload">The mappings.</param>
    /// <param name="model">The processors.</param>
    /// <param name="touch">What is read through each mapping.</param>
    /// <param name="layout">The kernel's layout; null for the recorded kernels'.</param>
    /// <param name="caches">What the data caches hold before each mapping.</param>
    /// <exception cref="ArgumentException"><paramref name="strategy"/> is not compared.</exception>
    public static StrategyResult Run(
        string strategy,
        Workload workload,
        CpuModel model,
        Touch touch,
        KernelLayout? layout = null,
        CacheState caches = CacheState.Hot)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(model);
        int index = Array.FindIndex(All, one => one.Name == strategy);
        return index >= 0
            ? All[index].Serve(workload, model, touch, layout, caches)
            : throw new ArgumentException($"No strategy is called {strategy}.", nameof(strategy));
    }

    private static Func<Workload, CpuModel, Touch, KernelLayout?, CacheState, StrategyResult> Server<TStrategy>(
        Func<GuestKernel, TStrategy> create)
        where TStrategy : struct, IMappingStrategy => (workload, model, touch, layout, caches) =>
    {
        GuestKernel kernel = Boot(model, workload.Processors, layout);
        return new StrategyRun<TStrategy>(workload, touch, kernel, create(kernel), caches).Run();
    };
}
