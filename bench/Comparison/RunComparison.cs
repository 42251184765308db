// Two runs against each other, as dotnet/performance compares them: a change counts only if it is larger than a share of the
// time and larger than an absolute time, and if a Mann-Whitney test says that it is no accident.

using System.Globalization;
using Pragmastat;
using Perfolizer.Mathematics.SignificanceTesting.Base;
using Perfolizer.Mathematics.SignificanceTesting.MannWhitney;
using Perfolizer.Metrology;
using Spectre.Console;

namespace X86Pae.Bench.Comparison;

/// <summary>Compares a run with a saved one.</summary>
/// <param name="relative">Share of the earlier time that a change must exceed, such as 0.05.</param>
/// <param name="absoluteInNanoseconds">Time that it must exceed as well.</param>
internal sealed class RunComparison(double relative, double absoluteInNanoseconds)
{
    private const double Significance = 0.05;

    /// <summary>What became of one benchmark.</summary>
    /// <param name="before">Time of one operation in each iteration of the earlier run, in nanoseconds.</param>
    /// <param name="after">The same of the later run.</param>
    public Change Compare(IReadOnlyList<double> before, IReadOnlyList<double> after)
    {
        double difference = Median(after) - Median(before);
        double threshold = Math.Max(relative * Median(before), absoluteInNanoseconds);
        if (Math.Abs(difference) <= threshold)
        {
            return Change.Same;
        }

        bool slower = difference > 0;
        double[] shifted = [.. before.Select(value => slower ? value + threshold : value - threshold)];
        MannWhitneyResult test = MannWhitneyTest.Instance.Perform(
            new Sample([.. after]),
            new Sample(shifted),
            slower ? AlternativeHypothesis.Greater : AlternativeHypothesis.Less,
            Threshold.Zero);
        return test.PValue > Significance ? Change.Unclear : slower ? Change.Slower : Change.Faster;
    }

    /// <summary>Prints what became of each benchmark that both runs have.</summary>
    /// <param name="before">The earlier run.</param>
    /// <param name="after">The later run.</param>
    /// <returns>Whether none has become slower.</returns>
    public bool Print(IReadOnlyList<SavedResult> before, IReadOnlyList<SavedResult> after)
    {
        Dictionary<string, SavedResult> earlier = before.GroupBy(result => result.Name)
            .ToDictionary(group => group.Key, group => group.First());
        var table = new Table().Border(TableBorder.Ascii).AddColumn("benchmark");
        foreach (string column in (string[])["before, ns", "after, ns", "ratio", "change"])
        {
            table.AddColumn(column, set => set.RightAligned());
        }

        bool none = true;
        foreach (SavedResult later in after)
        {
            if (!earlier.TryGetValue(later.Name, out SavedResult? first))
            {
                continue;
            }

            Change change = Compare(first.Nanoseconds, later.Nanoseconds);
            none &= change != Change.Slower;
            double was = Median(first.Nanoseconds);
            double now = Median(later.Nanoseconds);
            table.AddRow(Markup.Escape(later.Name), Number(was), Number(now), Number(now / was), change.ToString());
        }

        AnsiConsole.Write(table);
        return none;
    }

    private static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
