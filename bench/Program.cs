using BenchmarkDotNet.ConsoleArguments;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using X86Pae.Bench;
using X86Pae.Bench.Comparison;
using X86Pae.Bench.Embedding;

const int Succeeded = 0;
const int Failed = 1;
const int BadArguments = 2;

if (args is [PairedProcess.Argument, .. string[] pairs])
{
    PairedProcess.Run(pairs);
    return Succeeded;
}

if (!BenchOptions.TryParse(args, out BenchOptions options, out string? mistake))
{
    Console.Error.WriteLine(mistake);
    return BadArguments;
}

string[] rest = options.Rest;
BenchConfig config = options.IsShort ? BenchConfig.Short : BenchConfig.Full;

if (rest.Any(argument => argument is "--help" or "-h" or "-?"))
{
    Console.WriteLine("""
        Usage: dotnet run -c Release --project bench -- [--short] [OPTIONS]

          --short           a quick job: all benchmarks in less than three minutes
          --filter GLOB...  only these benchmarks, such as *Lookup* or *Kmap*; all without it
          --list flat       print the benchmarks' names and run nothing
          --artifacts DIR   leave the results there; without it in BenchmarkDotNet.Artifacts
          --baseline DIR    compare with the results that an earlier run has left there; exit status 1 if any got slower
          --relative N      a change must exceed N percent of the earlier time to count (5)
          --absolute NS     and so many nanoseconds (0.3)

        Other options are BenchmarkDotNet's, such as --anyCategories HotPath and --disasm.
        """);
    return Succeeded;
}

// A job from the command line would be measured beside ours, which alone is what the tables say it is.
string[] jobs = ["-j", "--job", "-r", "--runtimes", "-i", "--inProcess"];
string? unsupported = rest.FirstOrDefault(jobs.Contains);
if (unsupported is not null)
{
    Console.Error.WriteLine($"{unsupported} is not supported: use --short, or nothing for the full job.");
    return BadArguments;
}

// The parser lets a word pass that belongs to no option.
if (rest.Length > 0 && !rest[0].StartsWith('-'))
{
    Console.Error.WriteLine($"{rest[0]} is no option: name benchmarks by --filter; --help lists the usual options.");
    return BadArguments;
}

// Only the parser knows its own options; it prints what is wrong, and the version.
if (!ConfigParser.Parse(rest, ConsoleLogger.Default, config).isSuccess)
{
    if (rest.Contains("--version"))
    {
        return Succeeded;
    }

    Console.Error.WriteLine("The arguments cannot be understood; --help lists the usual options.");
    return BadArguments;
}

bool filtered = rest.Any(argument => argument is "-f" || argument.StartsWith("--filter", StringComparison.Ordinal));
bool lists = rest.Any(argument => argument == "--info" || argument.StartsWith("--list", StringComparison.Ordinal));
Summary[] summaries =
    [.. BenchmarkSwitcher.FromAssembly(typeof(BenchConfig).Assembly).Run(filtered ? rest : [.. rest, "--filter", "*"], config)];
if (lists)
{
    return Succeeded;
}

if (summaries.Length == 0)
{
    Console.Error.WriteLine("No benchmark has such a name or category; --list flat prints all names.");
    return BadArguments;
}

EmbeddingTable.Print(summaries);
if (options.Baseline is not null && !Compare(options, summaries))
{
    return Failed;
}

bool complete = summaries.All(summary =>
    !summary.HasCriticalValidationErrors && summary.Reports.Length > 0 && summary.Reports.All(report => report.Success));
return complete ? Succeeded : Failed;

static bool Compare(BenchOptions options, Summary[] summaries)
{
    string folder = summaries[0].ResultsDirectoryPath;
    var comparison = new RunComparison(options.Relative, options.AbsoluteInNanoseconds);
    return comparison.Print(options.Baseline!, SavedRun.Read(folder));
}
