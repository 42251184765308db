namespace X86Pae.Cli.Tests.Commands;

public sealed class FuzzCommandTests
{
    [Fact]
    public void Fuzz_RandomCases_Pass()
    {
        CommandRun run = CommandRun.Of("fuzz", "--seed", "7", "--cases", "20000");

        Assert.Equal("20000 passed, 0 failed", run.LastLine);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void Fuzz_SameSeedAndCases_MakesTheSameRun()
    {
        CommandRun first = CommandRun.Of("fuzz", "--seed", "18446744073709551615", "--cases", "10000");
        CommandRun second = CommandRun.Of("fuzz", "--seed", "18446744073709551615", "--cases", "10000");

        Assert.Equal(first.Output, second.Output);
    }

    [Fact]
    public void Fuzz_OtherSeed_MakesAnotherRun()
    {
        CommandRun first = CommandRun.Of("fuzz", "--seed", "1", "--cases", "5000");
        CommandRun second = CommandRun.Of("fuzz", "--seed", "2", "--cases", "5000");

        Assert.NotEqual(Counts(first), Counts(second));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("63")]
    [InlineData("65")]
    public void Fuzz_CasesThatFillNoScenario_AreCountedExactly(string cases)
    {
        Assert.Equal($"{cases} passed, 0 failed", CommandRun.Of("fuzz", "--cases", cases).LastLine);
    }

    [Theory]
    [InlineData("--cases", "0", "--cases is '0', not a number from 1 on. Try 'paelab --help'.")]
    [InlineData("--cases", "-5", "--cases is '-5', not a number from 1 on. Try 'paelab --help'.")]
    [InlineData("--cases", "many", "--cases is 'many', not a number from 1 on. Try 'paelab --help'.")]
    [InlineData("--seed", "x", "--seed is 'x', not a number from 0 to 18446744073709551615. Try 'paelab --help'.")]
    [InlineData("--seed", "-1", "--seed is '-1', not a number from 0 to 18446744073709551615. Try 'paelab --help'.")]
    public void Fuzz_BadOption_IsRefused(string option, string value, string message) =>
        CommandRun.Of("fuzz", option, value).AssertRefused(message);

    [Fact]
    public void Fuzz_UnknownArgument_IsRefused() =>
        CommandRun.Of("fuzz", "everything")
            .AssertRefused("Unrecognized command or option 'everything'. Try 'paelab --help'.");

    private static string Counts(CommandRun run) => run.Output[run.Output.IndexOf(':', StringComparison.Ordinal)..];
}
