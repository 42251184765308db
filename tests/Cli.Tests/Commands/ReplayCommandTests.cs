namespace X86Pae.Cli.Tests.Commands;

public sealed class ReplayCommandTests : IDisposable
{
    private readonly TestFiles _files = new();

    [Fact]
    public void Replay_VerifyRecordedForks_EveryAddressIsReproduced()
    {
        CommandRun run = CommandRun.Of("replay", TestFiles.ForkRecording, "--verify");

        Assert.Equal("29906 passed, 0 failed", run.LastLine);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void Replay_VerifyRecordedFileSystems_EveryAddressIsReproduced()
    {
        CommandRun run = CommandRun.Of("replay", "--verify", TestFiles.FileSystemRecording);

        Assert.Contains("verified: 12702 kmap_local addresses, 1017 kmap addresses", run.Output, StringComparison.Ordinal);
        Assert.Equal("13719 passed, 0 failed", run.LastLine);
    }

    [Fact]
    public void Replay_WithoutVerify_PrintsCountsOnly()
    {
        CommandRun run = CommandRun.Of("replay", TestFiles.ForkRecording);

        Assert.Matches(@"(?m)^  KmapLocalMap +29906$", run.Output);
        Assert.DoesNotContain("passed", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitStatus);
    }

    [Theory]
    [InlineData("kmap_local_mapped", "va=0xfffbb000", "va=0xfffba000")]
    [InlineData("kmapped", "va=0xff001000", "va=0xff002000")]
    public void Replay_VerifyOneAlteredAddress_FailsAtThatLine(string call, string recorded, string altered)
    {
        string[] lines = TestFiles.Lines(TestFiles.FileSystemRecording);
        int at = Array.FindIndex(lines, line => line.Contains($" {call}: ", StringComparison.Ordinal)
            && line.EndsWith(recorded, StringComparison.Ordinal));
        lines[at] = lines[at].Replace(recorded, altered, StringComparison.Ordinal);
        string path = _files.WriteText("altered", lines);

        CommandRun run = CommandRun.Of("replay", path, "--verify");

        Assert.Equal("13718 passed, 1 failed", run.LastLine);
        Assert.Contains($"FAILED {path}:{at + 1}: ", run.Output, StringComparison.Ordinal);
        Assert.Equal(1, run.ExitStatus);
    }

    [Fact]
    public void Replay_ManyFailures_ShowsTenInFull()
    {
        string[] lines = TestFiles.Lines(TestFiles.ForkRecording);
        string path = _files.WriteText(
            "shifted", lines.Select(line => line.Replace("<- __kmap_local_pfn_prot) va=0xfff", "<- x) va=0xffe", StringComparison.Ordinal)));

        CommandRun run = CommandRun.Of("replay", path, "--verify");

        Assert.Equal(10, run.Output.Split("FAILED ").Length - 1);
        Assert.Equal("0 passed, 29906 failed", run.LastLine);
    }

    [Fact]
    public void Replay_MalformedLine_IsRefusedWithFileAndLine()
    {
        string[] lines = TestFiles.Lines(TestFiles.ForkRecording)[..40];
        lines[29] = "what is this";
        string path = _files.WriteText("malformed", lines);

        CommandRun run = CommandRun.Of("replay", path);

        Assert.StartsWith($"paelab: {path}:30: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitStatus);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void Replay_CpuOutOfRange_IsRefusedWithFileAndLine()
    {
        string[] lines = TestFiles.Lines(TestFiles.ForkRecording)[..40];
        lines[29] = lines[29].Replace(" [00", " [01", StringComparison.Ordinal);
        string path = _files.WriteText("cpu", lines);

        CommandRun run = CommandRun.Of("replay", path);

        Assert.Matches($"^paelab: .*cpu:30: there is no CPU 1[0-9], only 0 to 3", run.Error);
        Assert.Equal(2, run.ExitStatus);
    }

    [Fact]
    public void Replay_TruncatedGzip_IsRefused()
    {
        string path = _files.WriteBytes("cut.gz", File.ReadAllBytes(TestFiles.ForkRecording)[..300_000]);

        CommandRun run = CommandRun.Of("replay", path, "--verify");

        Assert.Matches("^paelab: .*cut.gz:[0-9]+: the gzip data is truncated", run.Error);
        Assert.DoesNotContain("passed", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitStatus);
    }

    [Fact]
    public void Replay_TooManyCpus_IsRefused()
    {
        string path = _files.WriteText("wide", "# entries-in-buffer/entries-written: 0/0   #P:64");

        CommandRun.Of("replay", path).AssertRefused($"{path}: the recording has 64 CPUs, and at most 32 are emulated");
    }

    [Fact]
    public void Replay_MissingFile_IsRefused() =>
        CommandRun.Of("replay", _files.InRoot("none")).AssertRefused($"{_files.InRoot("none")}: no such file");

    public void Dispose() => _files.Dispose();
}
