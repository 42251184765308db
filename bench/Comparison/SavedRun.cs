using System.Text.Json;

namespace X86Pae.Bench.Comparison;

/// <summary>Reads the results that a run has left in its artifacts folder.</summary>
internal static class SavedRun
{
    private const string Pattern = "*-report-full.json";

    /// <summary>Reads every report below a folder.</summary>
    /// <param name="folder">The artifacts folder, or one above it.</param>
    /// <exception cref="InvalidDataException">There is no report, or one is not what BenchmarkDotNet writes.</exception>
    public static IReadOnlyList<SavedResult> Read(string folder)
    {
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, Pattern, SearchOption.AllDirectories) : [];
        if (files.Length == 0)
        {
            throw new InvalidDataException($"{folder}: no {Pattern} in it; a run leaves them where --artifacts says.");
        }

        Array.Sort(files, StringComparer.Ordinal);
        return [.. files.SelectMany(ReadFile)];
    }

    private static List<SavedResult> ReadFile(string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
            List<SavedResult> results = [];
            foreach (JsonElement benchmark in document.RootElement.GetProperty("Benchmarks").EnumerateArray())
            {
                // A benchmark that failed has no statistics.
                if (benchmark.GetProperty("Statistics") is { ValueKind: JsonValueKind.Object } statistics)
                {
                    results.Add(new SavedResult(
                        benchmark.GetProperty("FullName").GetString()!,
                        [.. statistics.GetProperty("OriginalValues").EnumerateArray().Select(value => value.GetDouble())]));
                }
            }

            return results;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file}: not a report of BenchmarkDotNet: {e.Message}", e);
        }
    }
}
