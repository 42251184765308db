using System.Text.RegularExpressions;

namespace X86Pae.Cli.Tests;

public class PaeLabTests
{
    [Theory]
    [InlineData("Required command was not provided.")]
    [InlineData("Unrecognized command or option 'check'.", "check")]
    [InlineData("Unrecognized command or option '--verbose'.", "--verbose")]
    [InlineData("Required argument 'FILE' missing for command: 'check-walks'.", "check-walks")]
    [InlineData("Required argument 'DIR' missing for command: 'check-snapshot'.", "check-snapshot")]
    [InlineData("Unrecognized option '--verbose'.", "check-walks", "--verbose")]
    [InlineData("Unrecognized option '-q'.", "check-snapshot", "somewhere", "-q")]
    [InlineData("Unrecognized option '--nope'.", "compare", "--nope", "x")]
    [InlineData("FILE is empty.", "check-walks", "")]
    public void Run_BadArguments_AreRefused(string message, params string[] args) =>
        CommandRun.Of(args).AssertRefused($"{message} Try 'paelab --help'.");

    [Theory]
    [InlineData("--help")]
    [InlineData("check-walks", "--help")]
    [InlineData("--version")]
    public void Run_HelpOrVersion_Succeeds(params string[] args)
    {
        CommandRun run = CommandRun.Of(args);

        Assert.Equal(0, run.ExitStatus);
        Assert.NotEmpty(run.Output);
        Assert.Empty(run.Error);
    }

    // What help shows as the default of an option is what the option takes.
    [Theory]
    [InlineData("compare", "--touch", "once")]
    [InlineData("compare", "--caches", "hot")]
    [InlineData("explain", "--access", "r")]
    [InlineData("shootdown", "--cpus", "1..8")]
    [InlineData("shootdown", "--delivery", "all-but-self")]
    [InlineData("shootdown", "--requests", "queues")]
    [InlineData("shootdown", "--ack", "flags")]
    [InlineData("shootdown", "--local", "overlapped")]
    public void Help_Default_IsAValueOfTheOption(string command, string option, string value) =>
        Assert.Matches($@"(?m)^ +{option} <.*\[default: {Regex.Escape(value)}\]$", CommandRun.Of(command, "--help").Output);

    [Fact]
    public void Help_ListOfCommands_TellsWhichArgumentsAreOptional()
    {
        string help = CommandRun.Of("--help").Output;

        Assert.Matches("(?m)^  compare \\[<TRACE>\\]  +Serves", help);
        Assert.Matches("(?m)^  cpus \\[<MODEL>\\]  +Lists", help);
        Assert.Matches("(?m)^  replay <TRACE>  +Drives", help);
    }

    [Fact]
    public void Help_RequiredOptions_AreNotAmongTheOptionalOnes() => Assert.Contains(
        "paelab explain <LINEAR> --snapshot <DIR> --cpu <N> [options]\n",
        CommandRun.Of("explain", "--help").Output.ReplaceLineEndings("\n"),
        StringComparison.Ordinal);

    [Fact]
    public void Run_FileNameBeginsWithAt_IsNoResponseFile() =>
        CommandRun.Of("check-walks", "@vectors").AssertRefused("@vectors: no such file");

    [Fact]
    public void Run_OutputFails_IsRefused()
    {
        using var error = new StringWriter { NewLine = "\n" };

        int exitStatus = PaeLab.Run(["check-walks", TestFiles.NxWalks], new FullDisk(), error);

        Assert.Equal("paelab: cannot write the output: disk full\n", error.ToString());
        Assert.Equal(2, exitStatus);
    }

    [Fact]
    public void Run_OnTerminal_RewritesOneProgressLineAndClearsIt()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();

        PaeLab.Run(["check-walks", TestFiles.NxWalks], output, error, showProgress: true);

        Assert.StartsWith("\r", error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" \r", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.ToString());
    }

    private sealed class FullDisk : StringWriter
    {
        public override void WriteLine(string? value) => throw new IOException("disk full");
    }
}
