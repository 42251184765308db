namespace X86Pae.Cli.Reporting;

/// <summary>Counts the cases of a check, shows the first failures in full, and ends with <c>N passed, M failed</c>.</summary>
/// <param name="console">Where failures and the totals are written.</param>
internal sealed class CheckReport(CommandConsole console)
{
    /// <summary>Number of failures that are shown in full; the others are only counted.</summary>
    public const int FailuresShown = 10;

    private int _shown;

    /// <summary>Number of cases that passed so far.</summary>
    public long Passed { get; private set; }

    /// <summary>Number of cases that failed so far.</summary>
    public long Failed { get; private set; }

    /// <summary>Counts cases that passed.</summary>
    /// <param name="cases">How many.</param>
    public void Pass(long cases = 1) => Passed += cases;

    /// <summary>Counts a case that failed.</summary>
    /// <param name="describe">Which case, its inputs, what was expected and what came; not called once enough are shown.</param>
    /// <param name="cases">How many failed, where one is to be shown for all of them.</param>
    public void Fail(Func<string> describe, long cases = 1)
    {
        Failed += cases;
        if (_shown < FailuresShown)
        {
            _shown++;
            Note($"FAILED {describe()}");
        }
    }

    /// <summary>Writes a line about the part of the check just done.</summary>
    /// <param name="text">The line.</param>
    public void Note(string text)
    {
        console.Progress.Clear();
        console.Output.WriteLine(text);
    }

    /// <summary>Writes the totals as the last line.</summary>
    /// <returns>The exit status.</returns>
    public int Conclude()
    {
        if (Failed > _shown)
        {
            Note($"... and {Failed - _shown} more failures");
        }

        Note($"{Passed} passed, {Failed} failed");
        return Failed == 0 ? ExitStatus.Success : ExitStatus.ChecksFailed;
    }
}
