using X86Pae.Lab.Experiments;
using X86Pae.Timing;

namespace X86Pae.Lab.Validation;

/// <summary>How far a CPU model is from load latencies that were measured on its processor, cell by cell.</summary>
/// <remarks>Runs the random-chain experiment for each cell, and keeps the mean error of each class of cells.</remarks>
public sealed class LatencyFit
{
    // A cell counts as missing the TLB when at least one load in twenty does.
    private const double TlbMissing = 0.05;

    // Nearer to its size, what else runs on the measured machine and how its sets are hashed decide what a cache holds.
    private const double ResidentShare = 0.6;

    // A cell is one of memory when most of its loads go there.
    private const double MostLoads = 0.5;

    // The limits of a model that has none of its own: what is accepted for a cycle-approximate model.
    private static readonly Tolerance DefaultTolerance = new(CacheResident: 5, TlbMissing: 5, Dram: 15);

    private readonly RandomChain _chain;
    private readonly int _lastLevelInKiB;
    private readonly MeanError _resident;
    private readonly MeanError _missing;
    private readonly MeanError _dram;

    /// <summary>Begins with no cell.</summary>
    /// <param name="model">The processor.</param>
    /// <param name="entrySizeInBytes">Size of a page-table entry on the system measured: 4 or 8.</param>
    public LatencyFit(CpuModel model, int entrySizeInBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        Tolerance tolerance = model.Tolerance ?? DefaultTolerance;
        _chain = new RandomChain(model, entrySizeInBytes);
        _lastLevelInKiB = model.FindLastLevelCache().SizeInKiB;
        _resident = new MeanError("cache-resident", tolerance.CacheResident);
        _missing = new MeanError("TLB-missing", tolerance.TlbMissing);
        _dram = new MeanError("DRAM", tolerance.Dram);
    }

    /// <summary>The mean error of each class, over the cells so far.</summary>
    public IReadOnlyList<MeanError> Errors => [_resident, _missing, _dram];

    /// <summary>Runs the experiment of one cell and adds its error to the classes that it belongs to.</summary>
    /// <param name="sizeInKiB">Size of the block.</param>
    /// <param name="strideInBytes">Distance of the places loaded from.</param>
    /// <param name="measured">Cycles for each load on the real processor.</param>
    public LatencyResult Add(int sizeInKiB, int strideInBytes, double measured)
    {
        ChainResult result = _chain.Measure(sizeInKiB * 1024, strideInBytes);
        double error = (result.Cycles - measured) / measured * 100;
        LatencyClass kind = LatencyClass.Neither;
        long touchedKiB = (long)sizeInKiB * Math.Min(4096, strideInBytes) / strideInBytes;
        if (result.MemoryAccesses == 0 && touchedKiB < ResidentShare * _lastLevelInKiB)
        {
            _resident.Add(error);
            kind = LatencyClass.CacheResident;
            if (result.TlbMisses >= TlbMissing)
            {
                _missing.Add(error);
                kind = LatencyClass.TlbMissing;
            }
        }
        else if (sizeInKiB >= 2 * _lastLevelInKiB && result.MemoryAccesses >= MostLoads)
        {
            _dram.Add(error);
            kind = LatencyClass.Dram;
        }

        return new LatencyResult(result.Cycles, error, kind);
    }
}

/// <summary>What the loads of a cell come to.</summary>
public enum LatencyClass
{
    /// <summary>Caches serve some loads and memory others, so that the cell belongs to no class.</summary>
    Neither,

    /// <summary>A cache holds what is loaded, and the nearest TLB nearly all its pages.</summary>
    CacheResident,

    /// <summary>A cache holds what is loaded, and the nearest TLB is missed.</summary>
    TlbMissing,

    /// <summary>Most loads go to memory.</summary>
    Dram,
}

/// <summary>One cell on the emulated processor.</summary>
/// <param name="Cycles">Cycles for each load.</param>
/// <param name="Error">Difference from the measured latency, in percent of it.</param>
/// <param name="Class">Which class it belongs to.</param>
public readonly record struct LatencyResult(double Cycles, double Error, LatencyClass Class);

/// <summary>Mean absolute error of the cells of one class.</summary>
public sealed class MeanError
{
    private double _sum;

    internal MeanError(string name, double limit)
    {
        Name = name;
        Limit = limit;
    }

    /// <summary>Name of the class.</summary>
    public string Name { get; }

    /// <summary>Largest mean that the model may have, in percent.</summary>
    public double Limit { get; }

    /// <summary>Number of cells.</summary>
    public int Count { get; private set; }

    /// <summary>The mean, in percent; 0 without cells.</summary>
    public double Mean => Count == 0 ? 0 : _sum / Count;

    /// <summary>Whether the mean is within its limit.</summary>
    public bool Holds => Mean <= Limit;

    internal void Add(double error)
    {
        _sum += Math.Abs(error);
        Count++;
    }
}
