using System.Globalization;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Validation;
using X86Pae.Timing;

namespace X86Pae.Cli.Runs;

/// <summary>Compares measured load latencies with those of a CPU model and writes each cell.</summary>
/// <param name="console">Where the result is written.</param>
/// <param name="model">The processor.</param>
internal sealed class LatencyCheck(CommandConsole console, CpuModel model)
{
    /// <summary>Checks one file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The exit status.</returns>
    public int Run(string path)
    {
        LatencyGrid grid = LatencyGrid.Read(path);
        var fit = new LatencyFit(model, grid.EntrySizeInBytes);
        console.Output.WriteLine($"{grid.Title}");
        console.Output.WriteLine($"{model.Name}: {model.Description}");
        console.Output.WriteLine("  size KiB   stride B   measured     model    error   class");
        foreach (LatencyCell cell in grid.Cells)
        {
            console.Progress.Report($"{cell.SizeInKiB} KiB, stride {cell.StrideInBytes}");
            LatencyResult result = fit.Add(cell.SizeInKiB, cell.StrideInBytes, cell.Cycles);
            double error = Math.Round(result.Error, 1) + 0.0; // no negative zero
            console.Progress.Clear();
            console.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{cell.SizeInKiB,10} {cell.StrideInBytes,10} {cell.Cycles,10:0.#} {result.Cycles,9:0.0} {error,7:+0.0;-0.0}%   {NameOf(result.Class)}").TrimEnd());
        }

        foreach (MeanError error in fit.Errors)
        {
            Write(error);
        }

        return fit.Errors.All(error => error.Holds) ? ExitStatus.Success : ExitStatus.ChecksFailed;
    }

    private static string NameOf(LatencyClass kind) => kind switch
    {
        LatencyClass.CacheResident => "cache",
        LatencyClass.TlbMissing => "cache, TLB missing",
        LatencyClass.Dram => "DRAM",
        _ => string.Empty,
    };

    private void Write(MeanError error)
    {
        string verdict = error.Count == 0 ? "no such cell" : error.Holds ? "holds" : "FAILS";
        console.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{error.Name,-15} {error.Count,4} cells, mean absolute error {error.Mean,6:0.00} %, at most {error.Limit:0.##} %: {verdict}"));
    }
}
