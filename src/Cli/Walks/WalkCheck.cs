using X86Pae.Cli.Input;
using X86Pae.Cli.Reporting;
using X86Pae.Paging;

namespace X86Pae.Cli.Walks;

/// <summary>Checks the walker against files of walk vectors.</summary>
/// <param name="report">Counts the cases.</param>
/// <param name="progress">Shows the case being checked.</param>
internal sealed class WalkCheck(CheckReport report, ProgressLine progress)
{
    private const int CasesBetweenProgress = 1024;

    /// <summary>Checks all cases of one file.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <exception cref="UserErrorException">The file cannot be read, a line does not parse, or there is no case.</exception>
    public void Run(string path)
    {
        using var vectors = new WalkVectorReader(path);
        var machine = new BareMachine(vectors.Features);
        long failedBefore = report.Failed;
        int cases = 0;
        for (; vectors.TryRead(out WalkVector vector); cases++)
        {
            if (cases % CasesBetweenProgress == 0)
            {
                progress.Report($"case {vector.Number}, {path}");
            }

            WalkOutcome actual = machine.Run(vector.Input);
            if (actual.Matches(vector.Expected))
            {
                report.Pass();
            }
            else
            {
                WalkVector failing = vector;
                report.Fail(() => Describe(vectors, failing, actual));
            }
        }

        if (cases == 0)
        {
            throw new UserErrorException($"{path}: the file has no cases");
        }

        report.Note($"{path}: {cases} cases, {report.Failed - failedBefore} failed");
    }

    private static string Describe(WalkVectorReader vectors, WalkVector vector, WalkOutcome actual)
    {
        CpuFeatures cpu = vectors.Features;
        return $"""
            {vectors.Place}: case {vector.Number}
              processor: maxphyaddr={cpu.MaxPhyAddr} nx={Bit(cpu.Nx)} smep={Bit(cpu.Smep)} smap={Bit(cpu.Smap)}
              input:     {vector.Input}
              expected:  {vector.Expected}
              actual:    {actual}
            """;
    }

    private static char Bit(bool value) => value ? '1' : '0';
}
