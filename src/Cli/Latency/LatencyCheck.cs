using System.Globalization;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Experiments;
using X86Pae.Timing;

namespace X86Pae.Cli.Latency;

/// <summary>Runs the random-chain experiment for each measured cell and compares.</summary>
/// <param name="console">Where the result is written.</param>
/// <param name="model">The processor.</param>
internal sealed class LatencyCheck(CommandConsole console, CpuModel model)
{
    // A cell counts as missing the TLB when at least one load in twenty does.
    private const double TlbMissing = 0.05;

    // Nearer to its size, what else runs on the measured machine and how its sets are hashed decide what a cache holds.
    private const double ResidentShare = 0.6;

    // A cell is one of memory when most of its loads go there.
    private const double MostLoads = 0.5;

    // The limits of a model that has none of its own: what is accepted for a cycle-approximate model.
    private static readonly Tolerance DefaultTolerance = new(CacheResident: 5, TlbMissing: 5, Dram: 15);

    /// <summary>Checks one file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The exit status.</returns>
    public int Run(string path)
    {
        LatencyGrid grid = LatencyGrid.Read(path);
        var chain = new RandomChain(model, grid.EntrySizeInBytes);
        int twiceLastLevel = 2 * model.FindLastLevelCache().SizeInKiB;
        var resident = new ErrorMean();
        var missing = new ErrorMean();
        var dram = new ErrorMean();
        console.Output.WriteLine($"{grid.Title}");
        console.Output.WriteLine($"{model.Name}: {model.Description}");
        console.Output.WriteLine("  size KiB   stride B   measured     model    error   class");
        foreach (LatencyCell cell in grid.Cells)
        {
            console.Progress.Report($"{cell.SizeInKiB} KiB, stride {cell.StrideInBytes}");
            ChainResult result = chain.Measure(cell.SizeInKiB * 1024, cell.StrideInBytes);
            double error = (result.Cycles - cell.Cycles) / cell.Cycles * 100;
            double shownError = Math.Round(error, 1) + 0.0; // no negative zero
            string kind = string.Empty;
            long touchedKiB = (long)cell.SizeInKiB * Math.Min(4096, cell.StrideInBytes) / cell.StrideInBytes;
            if (result.MemoryAccesses == 0 && touchedKiB < ResidentShare * model.FindLastLevelCache().SizeInKiB)
            {
                resident.Add(error);
                kind = "cache";
                if (result.TlbMisses >= TlbMissing)
                {
                    missing.Add(error);
                    kind = "cache, TLB missing";
                }
            }
            else if (cell.SizeInKiB >= twiceLastLevel && result.MemoryAccesses >= MostLoads)
            {
                dram.Add(error);
                kind = "DRAM";
            }

            console.Progress.Clear();
            console.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{cell.SizeInKiB,10} {cell.StrideInBytes,10} {cell.Cycles,10:0.#} {result.Cycles,9:0.0} {shownError,7:+0.0;-0.0}%   {kind}").TrimEnd());
        }

        Tolerance tolerance = model.Tolerance ?? DefaultTolerance;
        bool holds = Conclude("cache-resident", resident, tolerance.CacheResident)
            & Conclude("TLB-missing", missing, tolerance.TlbMissing)
            & Conclude("DRAM", dram, tolerance.Dram);
        return holds ? ExitStatus.Success : ExitStatus.ChecksFailed;
    }

    private bool Conclude(string name, ErrorMean errors, double limit)
    {
        bool holds = errors.Count == 0 || errors.Mean <= limit;
        string verdict = errors.Count == 0 ? "no such cell" : holds ? "holds" : "FAILS";
        console.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-15} {errors.Count,4} cells, mean absolute error {errors.Mean,6:0.00} %, at most {limit:0.##} %: {verdict}"));
        return holds;
    }

    /// <summary>Mean of absolute errors.</summary>
    private sealed class ErrorMean
    {
        private double _sum;

        public int Count { get; private set; }

        public double Mean => Count == 0 ? 0 : _sum / Count;

        public void Add(double error)
        {
            _sum += Math.Abs(error);
            Count++;
        }
    }
}
