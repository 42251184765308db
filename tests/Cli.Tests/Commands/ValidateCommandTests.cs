using System.Text.Json;
using X86Pae.Cli.Reporting;
using X86Pae.Cli.Runs;
using X86Pae.Lab.Validation;

namespace X86Pae.Cli.Tests.Commands;

public sealed class ValidateCommandTests : IDisposable
{
    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Validate_AllTargets_PrintsTheTableAndSucceeds()
    {
        string json = _files.InRoot("validation.json");
        CommandRun run = CommandRun.Of("validate", "--json", json);

        string[] lines = run.Output.TrimEnd('\n').Split('\n');
        Assert.Equal((0, string.Empty), (run.ExitStatus, run.Error));
        Assert.Matches("^id +tier +what +expected +measured +tolerance +verdict$", lines[0]);
        Assert.Matches("^V1 +T1 +pentium3-tualatin: 16 KiB, stride 512 B +3 +3 +5 % +holds$", lines[1]);
        Assert.Matches("^[0-9]+ passed, 0 failed$", run.LastLine);

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement checks = document.RootElement.GetProperty("checks");
        Assert.Equal(lines.Count(line => line.StartsWith('V')), checks.GetArrayLength());
        Assert.Equal($"{document.RootElement.GetProperty("passed")} passed, 0 failed", run.LastLine);
        Assert.Equal(3, checks[0].GetProperty("measured").GetDouble());
        Assert.Equal("holds", checks[0].GetProperty("verdict").GetString());
    }

    [Fact]
    public void Validate_JsonThatCannotBeWritten_IsRefused()
    {
        string path = _files.InRoot(Path.Combine("missing", "validation.json"));
        CommandRun run = CommandRun.Of("validate", "--json", path);

        Assert.Equal(2, run.ExitStatus);
        Assert.StartsWith($"paelab: {path}: cannot be written: ", run.Error, StringComparison.Ordinal);
    }

    // 13 cycles are measured.
    [Theory]
    [InlineData(Tier.T1, null, 1, "FAILS")]
    [InlineData(Tier.T1, "a reason", 1, "FAILS")]
    [InlineData(Tier.T2, null, 1, "FAILS")]
    [InlineData(Tier.T2, "a reason", 0, "differs: a reason")]
    [InlineData(Tier.T3, null, 0, "differs")]
    internal void Run_FigureThatIsNotMet_FailsByItsTier(Tier tier, string? reason, int exitStatus, string verdict)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var target = new Target
        {
            Id = "V1",
            Tier = tier,
            Model = "pentium3-tualatin",
            Experiment = "randomChain",
            Arguments = [4, 512, 8192],
            Percent = 5,
            Source = "test",
            Checks = [new TargetCheck { Expected = 14, Reason = reason }, new TargetCheck { Expected = 13 }],
        };

        Assert.Equal(exitStatus, new ValidationRun(new CommandConsole(output, new ProgressLine(null)), [target]).Run(jsonPath: null));
        Assert.Contains($" {verdict}\n", output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith($"1 passed, {exitStatus} failed\n", output.ToString(), StringComparison.Ordinal);
    }
}
