using X86Pae.Cli.Reporting;

namespace X86Pae.Cli.Tests.Reporting;

public sealed class CheckReportTests : IDisposable
{
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly CheckReport _report;

    public CheckReportTests() => _report = new CheckReport(new CommandConsole(_output, new ProgressLine(null)));

    public void Dispose() => _output.Dispose();

    [Fact]
    public void Conclude_AllPassed_SucceedsWithTotals()
    {
        _report.Pass();
        _report.Pass();

        Assert.Equal(0, _report.Conclude());
        Assert.Equal("2 passed, 0 failed\n", _output.ToString());
    }

    [Fact]
    public void Fail_MoreThanTen_ShowsTheFirstTenAndCountsAll()
    {
        int described = 0;
        _report.Pass();
        for (int i = 0; i < 25; i++)
        {
            int number = i;
            _report.Fail(() =>
            {
                described++;
                return $"case {number}";
            });
        }

        Assert.Equal(1, _report.Conclude());
        Assert.Equal(10, described);
        Assert.Equal(
            [.. Enumerable.Range(0, 10).Select(i => $"FAILED case {i}"), "... and 15 more failures", "1 passed, 25 failed", ""],
            _output.ToString().Split('\n'));
    }
}
