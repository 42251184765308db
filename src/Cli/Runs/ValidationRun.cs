using System.Globalization;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Reports;
using X86Pae.Lab.Validation;

namespace X86Pae.Cli.Runs;

/// <summary>Measures targets and writes the table.</summary>
/// <param name="console">Where it is written.</param>
/// <param name="targets">The targets.</param>
internal sealed class ValidationRun(CommandConsole console, IReadOnlyList<Target> targets)
{
    /// <summary>Runs.</summary>
    /// <param name="jsonPath">Where to write the table as JSON; null for nowhere.</param>
    /// <returns>The exit status: failed if a T1 figure is not met, or a T2 figure without a reason.</returns>
    public int Run(string? jsonPath)
    {
        List<CheckResult> results = [];
        foreach (CheckResult result in ValidationTable.Measure(targets))
        {
            console.Progress.Report($"{result.Id} {result.Model}: {result.What}");
            results.Add(result);
        }

        console.Progress.Clear();
        OutputFiles.Write((jsonPath, () => ValidationReport.ToJson(results)));
        WriteTable(results);
        return Conclude(results);
    }

    private static string Say(CheckResult result) => result.Verdict switch
    {
        Verdict.Holds => "holds",
        Verdict.Differs => result.Reason is { } reason ? $"differs: {reason}" : "differs",
        Verdict.Explained => $"differs: {result.Reason}",
        _ => "FAILS",
    };

    private static int CountOf(List<CheckResult> results, Verdict verdict) => results.Count(result => result.Verdict == verdict);

    private void WriteTable(List<CheckResult> results)
    {
        var table = new TextTable("id", "tier", "what", ">expected", ">measured", "tolerance", "verdict");
        foreach (CheckResult result in results)
        {
            table.Add(
                result.Id,
                result.Tier.ToString(),
                $"{result.Model}: {result.What}",
                result.Expectation.Text,
                result.Measured.ToString("0.##", CultureInfo.InvariantCulture),
                result.Expectation.ToleranceText,
                Say(result));
        }

        table.Write(console.Output);
    }

    private int Conclude(List<CheckResult> results)
    {
        foreach (Tier tier in Enum.GetValues<Tier>())
        {
            List<CheckResult> ofTier = [.. results.Where(result => result.Tier == tier)];
            int different = CountOf(ofTier, Verdict.Differs) + CountOf(ofTier, Verdict.Explained);
            console.Output.WriteLine(
                $"{tier}: {CountOf(ofTier, Verdict.Holds)} hold, {different} differ{(tier == Tier.T2 ? " for a known reason" : string.Empty)}, "
                + $"{CountOf(ofTier, Verdict.Fails)} fail");
        }

        int failed = CountOf(results, Verdict.Fails);
        console.Output.WriteLine($"{CountOf(results, Verdict.Holds)} passed, {failed} failed");
        return failed == 0 ? ExitStatus.Success : ExitStatus.ChecksFailed;
    }
}
