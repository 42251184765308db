using X86Pae.Cli.Input;
using X86Pae.Cli.Reporting;
using X86Pae.Reference;
using X86Pae.Reference.Library;
using X86Pae.Tlb;

namespace X86Pae.Cli.Runs;

/// <summary>Checks the emulated hardware against files of walk vectors.</summary>
/// <param name="report">Counts the cases.</param>
/// <param name="progress">Shows the case being checked.</param>
internal sealed class WalkCheck(CheckReport report, ProgressLine progress)
{
    private readonly LibraryMmuFactory _mmus = new([TlbConfiguration.Coherent]);

    /// <summary>Checks all cases of one file.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <exception cref="UserErrorException">The file cannot be read, a line does not parse, or there is no case.</exception>
    public void Run(string path)
    {
        using InputFile file = InputFile.Open(path);
        ConformanceReport found = Check(path, file);
        report.Pass(found.Passed);
        foreach (ConformanceFailure failure in found.Failures)
        {
            report.Fail(() => Describe(failure));
        }

        if (found.Failed > found.Failures.Count)
        {
            report.Fail(() => "more", found.Failed - found.Failures.Count);
        }

        report.Note($"{path}: {found.Passed + found.Failed} cases, {found.Failed} failed");
    }

    private ConformanceReport Check(string path, InputFile file)
    {
        try
        {
            return RecordedWalks.Check(
                _mmus.Create, LibraryMmuFactory.Profile, path, file, number => progress.Report($"case {number}, {path}"));
        }
        catch (InvalidDataException e)
        {
            throw new UserErrorException(e.Message, e);
        }
    }

    private static string Describe(ConformanceFailure failure)
    {
        string[] lines = [failure.Case, failure.Setup, .. failure.Steps, .. failure.Mismatch.Split(Environment.NewLine)];
        return string.Join("\n  ", lines);
    }
}
