using X86Pae.Timing;

namespace X86Pae.Lab.AddressTraces;

/// <summary>What the replay of an address trace came to, on one processor or on all.</summary>
public readonly record struct TracedCounts
{
    /// <summary>Instruction fetches replayed.</summary>
    public long Fetches { get; init; }

    /// <summary>Loads replayed.</summary>
    public long Loads { get; init; }

    /// <summary>Stores replayed.</summary>
    public long Stores { get; init; }

    /// <summary>Pages that appeared and were mapped.</summary>
    public long PagesMapped { get; init; }

    /// <summary>Times that a page appeared with another frame than before, or with a known one for the first time.</summary>
    public long FramesChanged { get; init; }

    /// <summary>Events of the paging hardware.</summary>
    public EventCounts Events { get; init; }

    /// <summary>All cycles.</summary>
    public long Cycles { get; init; }

    /// <summary>Cycles of loads and stores in the data caches and memory.</summary>
    public long DataCycles { get; init; }

    /// <summary>Cycles of further levels of TLB and of walks.</summary>
    public long RefillCycles { get; init; }

    /// <summary>Cycles of INVLPG and of writes to CR3 and CR4.</summary>
    public long FlushCycles { get; init; }

    /// <summary>Fetches, loads and stores.</summary>
    public long Accesses => Fetches + Loads + Stores;

    /// <summary>Walks that found the directory entry in the PDE cache; the others loaded it as well.</summary>
    public long WalksFromPdeCache => (2 * Events.Walks) - Events.TableLoads;

    /// <summary>Cycles for each access on average; 0 without accesses.</summary>
    public double CyclesPerAccess => Cycles / (double)Math.Max(1, Accesses);

    /// <summary>The sum of any number of counts.</summary>
    /// <param name="counts">The counts, for instance of all processors.</param>
    public static TracedCounts Sum(IEnumerable<TracedCounts> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return counts.Aggregate(default(TracedCounts), (sum, one) => sum + one);
    }

    /// <summary>Hits in the first level, among the accesses that asked it.</summary>
    /// <param name="model">The processor; with a level that only loads use, the loads that it served are left out.</param>
    public long FirstLevelHits(CpuModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        long served = model.LoadLevelMiss is null ? 0 : Loads - Events.LoadLevelMisses;
        return Accesses - served - Events.FirstLevelMisses;
    }

    /// <summary>The sum of two.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    public static TracedCounts operator +(TracedCounts left, TracedCounts right)
    {
        EventCounts events = left.Events;
        events.Add(right.Events);
        return new TracedCounts
        {
            Fetches = left.Fetches + right.Fetches,
            Loads = left.Loads + right.Loads,
            Stores = left.Stores + right.Stores,
            PagesMapped = left.PagesMapped + right.PagesMapped,
            FramesChanged = left.FramesChanged + right.FramesChanged,
            Events = events,
            Cycles = left.Cycles + right.Cycles,
            DataCycles = left.DataCycles + right.DataCycles,
            RefillCycles = left.RefillCycles + right.RefillCycles,
            FlushCycles = left.FlushCycles + right.FlushCycles,
        };
    }
}
