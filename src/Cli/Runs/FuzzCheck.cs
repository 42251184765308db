using X86Pae.Cli.Reporting;
using X86Pae.Reference;
using X86Pae.Reference.Library;
using X86Pae.Timing;

namespace X86Pae.Cli.Runs;

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
        var mmus = new LibraryMmuFactory([.. CpuModels.All.Select(model => model.Tlbs)]);
        ConformanceReport found = Conformance.Check(
            mmus.Create, LibraryMmuFactory.Profile, seed, cases, done => progress.Report($"case {done} of {cases}"));
        ConformanceOutcomes outcomes = found.Outcomes;
        report.Note(
            $"seed {seed}: {found.Scenarios} scenarios; translations alone: {outcomes.Translated} done, "
            + $"{outcomes.NotPresent} not present, {outcomes.Reserved} reserved, {outcomes.Denied} denied, "
            + $"{outcomes.Stale} stale");
        report.Pass(found.Passed);
        if (found.Failures is [ConformanceFailure smallest, ..])
        {
            string[] lines = [$"smallest of {found.Failed}: {smallest.Case}: {smallest.Mismatch}", smallest.Setup, .. smallest.Steps];
            report.Fail(() => string.Join(Environment.NewLine, lines), found.Failed);
        }

        return report.Conclude();
    }
}
