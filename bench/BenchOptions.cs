using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using X86Pae.Bench.Comparison;

namespace X86Pae.Bench;

/// <summary>The options that are ours; the rest is BenchmarkDotNet's.</summary>
internal sealed record BenchOptions
{
    private const double Percent = 0.01;

    /// <summary>Whether to run the quick job.</summary>
    public bool IsShort { get; private init; }

    /// <summary>The results to compare with; null for none.</summary>
    public IReadOnlyList<SavedResult>? Baseline { get; private init; }

    /// <summary>Share of the earlier time that a change must exceed.</summary>
    public double Relative { get; private init; } = 5 * Percent;

    /// <summary>Time that a change must exceed as well.</summary>
    public double AbsoluteInNanoseconds { get; private init; } = 0.3;

    /// <summary>What is left for BenchmarkDotNet.</summary>
    public string[] Rest { get; private init; } = [];

    /// <summary>Takes our options out of the arguments, and reads the baseline, so that a mistake ends the run before it begins.</summary>
    /// <param name="args">All arguments.</param>
    /// <param name="options">What they say.</param>
    /// <param name="mistake">What is wrong with them.</param>
    public static bool TryParse(string[] args, out BenchOptions options, [NotNullWhen(false)] out string? mistake)
    {
        options = new BenchOptions();
        mistake = null;
        List<string> rest = [];
        for (int i = 0; i < args.Length && mistake is null; i++)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--short":
                    options = options with { IsShort = true };
                    break;
                case "--baseline":
                    mistake = ReadBaseline(value, out IReadOnlyList<SavedResult>? baseline);
                    options = options with { Baseline = baseline };
                    i++;
                    break;
                case "--relative":
                    mistake = ReadNumber(args[i], value, out double percent);
                    options = options with { Relative = percent * Percent };
                    i++;
                    break;
                case "--absolute":
                    mistake = ReadNumber(args[i], value, out double nanoseconds);
                    options = options with { AbsoluteInNanoseconds = nanoseconds };
                    i++;
                    break;
                default:
                    rest.Add(args[i]);
                    break;
            }
        }

        options = options with { Rest = [.. rest] };
        return mistake is null;
    }

    private static string? ReadBaseline(string? folder, out IReadOnlyList<SavedResult>? baseline)
    {
        baseline = null;
        if (folder is null)
        {
            return "--baseline needs a folder.";
        }

        try
        {
            baseline = SavedRun.Read(folder);
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    private static string? ReadNumber(string option, string? text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value)
            ? null
            : $"{option} needs a number of 0 or more, not '{text}'.";
}
