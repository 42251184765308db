using X86Pae.Cli.Reporting;
using X86Pae.Fuzzing;

namespace X86Pae.Cli.Fuzz;

/// <summary>Runs random scenarios and reports the smallest that fails.</summary>
/// <param name="report">Counts the cases.</param>
/// <param name="progress">Shows how many are done.</param>
internal sealed class FuzzCheck(CheckReport report, ProgressLine progress)
{
    /// <summary>Runs all cases.</summary>
    /// <param name="seed">Start of the random sequence.</param>
    /// <param name="cases">How many.</param>
    /// <returns>The exit status.</returns>
    /// <remarks>A case that fails ends its scenario: the rest of that is not counted.</remarks>
    public int Run(ulong seed, long cases)
    {
        FuzzSummary summary = new FuzzRun(seed, cases).Run(done => progress.Report($"case {done} of {cases}"));
        ScenarioStatistics accesses = summary.Statistics;
        report.Note(
            $"seed {seed}: {summary.Scenarios} scenarios; translations alone: {accesses.Translated} done, "
            + $"{accesses.NotPresent} not present, {accesses.Reserved} reserved, {accesses.Denied} denied, "
            + $"{accesses.Stale} stale");
        report.Pass(summary.Passed);
        if (summary.Smallest is { } smallest)
        {
            report.Fail(() => $"smallest of {summary.Failed}: {smallest}", summary.Failed);
        }

        return report.Conclude();
    }
}
