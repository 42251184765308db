using System.Diagnostics;
using System.Text.Json;
using BenchmarkDotNet.Running;

namespace X86Pae.Bench.Embedding;

/// <summary>
/// The paired rounds of one class in a process of their own, so that the JIT has seen nothing else before; and again in others, since
/// where memory happens to lie decides some rows of one process in ten.
/// </summary>
internal static class PairedProcess
{
    /// <summary>The first argument of such a process; the second is the name of the class.</summary>
    public const string Argument = "--paired-rounds-of";

    private const char Separator = ' ';
    private const int Processes = 3;

    /// <summary>Starts the processes, one after another, and waits for what they have measured.</summary>
    /// <param name="rows">Rows of one class, all with a floor.</param>
    /// <returns>What was measured, by row, in the process with the median of the ratios.</returns>
    /// <exception cref="InvalidOperationException">A process has failed.</exception>
    public static IReadOnlyList<PairedRounds> Measure(IReadOnlyList<EmbeddingRow> rows)
    {
        IReadOnlyList<PairedRounds>[] measured = [.. Enumerable.Range(0, Processes).Select(_ => MeasureOnce(rows))];
        return [.. rows.Select((_, i) => measured.Select(process => process[i]).OrderBy(rounds => rounds.Ratio).ElementAt(Processes / 2))];
    }

    private static IReadOnlyList<PairedRounds> MeasureOnce(IReadOnlyList<EmbeddingRow> rows)
    {
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        string[] host = isHost ? [typeof(PairedProcess).Assembly.Location] : [];
        using Process process = Process.Start(
            new ProcessStartInfo(program, [.. host, Argument, .. rows.Select(row => row.Benchmark + Separator + row.Floor)])
            {
                RedirectStandardOutput = true,
            })!;
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return process.ExitCode == 0 && lines.Length == rows.Count
            ? [.. lines.Select(line => JsonSerializer.Deserialize<PairedRounds>(line)!)]
            : throw new InvalidOperationException($"The paired rounds of {rows[0].Benchmark} have failed.");
    }

    /// <summary>What the process does: a line for each pair of benchmark and floor.</summary>
    /// <param name="pairs">Of each: class and method, and class and method of the floor.</param>
    public static void Run(IEnumerable<string> pairs)
    {
        object? instance = null;
        foreach (string[] pair in pairs.Select(pair => pair.Split(Separator)))
        {
            Descriptor benchmark = Find(pair[0]);
            instance ??= benchmark.CreateInstance();
            Console.WriteLine(JsonSerializer.Serialize(PairedRounds.Measure(instance, benchmark, Find(pair[1]))));
        }
    }

    private static Descriptor Find(string name)
    {
        string[] parts = name.Split('.');
        Type type = typeof(PairedProcess).Assembly.GetType($"{typeof(PairedProcess).Namespace}.{parts[0]}")!;
        return BenchmarkConverter.TypeToBenchmarks(type).BenchmarksCases
            .Select(benchmark => benchmark.Descriptor)
            .First(descriptor => descriptor.WorkloadMethod.Name == parts[1]);
    }
}
