using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Comparison;

/// <summary>Serves one workload by each strategy, each on a machine of its own that has just booted.</summary>
public static class StrategyComparison
{
    private const ulong MemoryInBytes = 64UL << 30;

    private static readonly (string Name, Server Serve)[] All =
    [
        (PersistentKmap.Name, ServerOf(kernel => new PersistentKmap(kernel))),
        (KmapAtomic.Name, ServerOf(kernel => new KmapAtomic(kernel))),
        (KmapLocal.Name, ServerOf(kernel => new KmapLocal(kernel))),
        (Vmap.Name, ServerOf(kernel => new Vmap(kernel))),
    ];

    private delegate StrategyResult Server(
        Workload workload, CpuModel model, Touch touch, KernelLayout? layout, CacheState caches, ShootdownOptions? options);

    /// <summary>Names of the strategies that are compared.</summary>
    public static IReadOnlyList<string> Strategies { get; } = [.. All.Select(strategy => strategy.Name)];

    /// <summary>Boots a kernel for a recording or a workload.</summary>
    /// <param name="model">The processors.</param>
    /// <param name="processors">How many, 1 to the number that the layout is for.</param>
    /// <param name="layout">The kernel's layout; null for the recorded kernels' (NR_CPUS 32).</param>
    /// <param name="options">How the machine carries out shootdowns, and whether its processors are siblings; null for the defaults.</param>
    /// <remarks>64 GiB of memory, of which only what is touched costs anything; 36 physical address bits and NX.</remarks>
    public static GuestKernel Boot(
        CpuModel model, int processors, KernelLayout? layout = null, ShootdownOptions? options = null) => new(
        new Machine(model, CpuFeatures.Pae36 with { Nx = true }, processors, MemoryInBytes, options),
        layout ?? new KernelLayout());

    /// <summary>Runs all strategies.</summary>
    /// <param name="workload">The mappings.</param>
    /// <param name="model">The processors.</param>
    /// <param name="touch">What is read through each mapping.</param>
    /// <param name="layout">The kernel's layout; null for the recorded kernels'.</param>
    /// <param name="caches">What the data caches hold before each mapping.</param>
    /// <param name="options">How the machine carries out shootdowns, and whether its processors are siblings; null for the defaults.</param>
    /// <returns>One result for each strategy, the cheapest first.</returns>
    public static IReadOnlyList<StrategyResult> Run(
        Workload workload,
        CpuModel model,
        Touch touch,
        KernelLayout? layout = null,
        CacheState caches = CacheState.Hot,
        ShootdownOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(model);
        return [.. All.Select(strategy => strategy.Serve(workload, model, touch, layout, caches, options))
            .OrderBy(result => result.CyclesPerMap)];
    }

    /// <summary>Runs one strategy.</summary>
    /// <param name="strategy">One of <see cref="Strategies"/>.</param>
    /// <param name="workload">The mappings.</param>
    /// <param name="model">The processors.</param>
    /// <param name="touch">What is read through each mapping.</param>
    /// <param name="layout">The kernel's layout; null for the recorded kernels'.</param>
    /// <param name="caches">What the data caches hold before each mapping.</param>
    /// <param name="options">How the machine carries out shootdowns, and whether its processors are siblings; null for the defaults.</param>
    /// <exception cref="ArgumentException"><paramref name="strategy"/> is not compared.</exception>
    public static StrategyResult Run(
        string strategy,
        Workload workload,
        CpuModel model,
        Touch touch,
        KernelLayout? layout = null,
        CacheState caches = CacheState.Hot,
        ShootdownOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(strategy);
        int index = Array.FindIndex(All, one => one.Name == strategy);
        return index >= 0
            ? All[index].Serve(workload, model, touch, layout, caches, options)
            : throw new ArgumentException($"No strategy is called {strategy}.", nameof(strategy));
    }

    private static Server ServerOf<TStrategy>(Func<GuestKernel, TStrategy> create)
        where TStrategy : struct, IMappingStrategy => (workload, model, touch, layout, caches, options) =>
    {
        GuestKernel kernel = Boot(model, workload.Processors, layout, options);
        return new StrategyRun<TStrategy>(workload, touch, kernel, create(kernel), caches).Run();
    };
}
