using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;

namespace X86Pae.Lab.Comparison;

/// <summary>A mapping strategy that takes part in comparisons and sweeps: one of the kernel's own, or anybody's.</summary>
public sealed class ComparedStrategy
{
    private readonly Func<Workload, ComparisonSettings, StrategyResult> _serve;

    private ComparedStrategy(
        string name, MappingContract contract, Func<Workload, ComparisonSettings, StrategyResult> serve)
    {
        Name = name;
        Contract = contract;
        _serve = serve;
    }

    /// <summary>Linux's own: kmap, kmap_atomic, kmap_local and vmap.</summary>
    public static IReadOnlyList<ComparedStrategy> BuiltIn { get; } =
    [
        Of(kernel => new PersistentKmap(kernel)),
        Of(kernel => new KmapAtomic(kernel)),
        Of(kernel => new KmapLocal(kernel)),
        Of(kernel => new Vmap(kernel)),
    ];

    /// <summary>Enters a strategy.</summary>
    /// <typeparam name="TStrategy">The strategy.</typeparam>
    /// <param name="create">Creates it on a kernel that has just booted; called once for each run, from several threads in a sweep.</param>
    /// <param name="name">What results call it; null for the name of its type. Variants of one type need names of their own.</param>
    public static ComparedStrategy Of<TStrategy>(Func<GuestKernel, TStrategy> create, string? name = null)
        where TStrategy : struct, IMappingStrategy
    {
        ArgumentNullException.ThrowIfNull(create);
        name ??= TStrategy.Name;
        return new ComparedStrategy(name, TStrategy.Contract, (workload, settings) =>
        {
            GuestKernel kernel = settings.Boot(workload.Processors);
            return new StrategyRun<TStrategy>(workload, settings, kernel, create(kernel)).Run() with { Strategy = name };
        });
    }

    /// <summary>What results call it.</summary>
    public string Name { get; }

    /// <summary>What its callers have to respect; a run does what a caller would have to do where a workload does not.</summary>
    public MappingContract Contract { get; }

    /// <summary>Serves a workload on a machine of its own that has just booted.</summary>
    /// <param name="workload">The mappings.</param>
    /// <param name="settings">The processors, and what is done with each mapping.</param>
    /// <returns>The figures; the same for the same inputs.</returns>
    public StrategyResult Serve(Workload workload, ComparisonSettings settings)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(settings);
        return _serve(workload, settings);
    }
}
