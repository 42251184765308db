namespace X86Pae.Cli.Tests;

/// <summary>What a command left behind.</summary>
internal sealed record CommandRun(int ExitStatus, string Output, string Error)
{
    public string LastLine => Output.TrimEnd('\n').Split('\n')[^1];

    public static CommandRun Of(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int exitStatus = PaeLab.Run(args, output, error);
        return new CommandRun(exitStatus, output.ToString(), error.ToString());
    }

    /// <summary>Bad arguments or input: one line on standard error, and no totals.</summary>
    public void AssertRefused(string message)
    {
        Assert.Equal($"paelab: {message}\n", Error);
        Assert.DoesNotContain("passed", Output, StringComparison.Ordinal);
        Assert.Equal(2, ExitStatus);
    }
}
