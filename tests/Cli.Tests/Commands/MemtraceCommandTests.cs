using System.Text.Json;

namespace X86Pae.Cli.Tests.Commands;

public sealed class MemtraceCommandTests : IDisposable
{
    private static readonly string Trace = Path.Combine(TestFiles.Data, "memory", "linux-6.1-686pae-2cpu-part.memtrace.gz");

    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Memtrace_PartOfARecording_PrintsCountsByCpuAndTheHostsRate()
    {
        CommandRun run = CommandRun.Of("memtrace", Trace, "--cpu", "core2-conroe", "--repeat", "2");

        Assert.Equal((0, string.Empty), (run.ExitStatus, run.Error));
        Assert.StartsWith($"{Trace}: 20,000 records, 2 CPUs, core2-conroe\n", run.Output, StringComparison.Ordinal);
        Assert.Matches("counted +CPU 0 +CPU 1 +all\n", run.Output);
        Assert.Matches("load-level hits +[0-9,]+ +[0-9,]+ +[0-9,]+\n", run.Output);
        Assert.DoesNotContain("second-level", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"^host: [0-9.]+ million records a second, the fastest of 2$", run.LastLine);
    }

    [Fact]
    public void Memtrace_Json_IsTheSameInEveryRunAndAddsUp()
    {
        string first = _files.InRoot("first.json");
        string second = _files.InRoot("second.json");
        Assert.Equal(0, CommandRun.Of("memtrace", Trace, "--cpu", "skylake", "--json", first).ExitStatus);
        Assert.Equal(0, CommandRun.Of("memtrace", Trace, "--cpu", "skylake", "--json", second, "--repeat", "2").ExitStatus);

        string text = File.ReadAllText(first);
        Assert.Equal(text, File.ReadAllText(second));
        JsonElement document = JsonDocument.Parse(text).RootElement;
        Assert.False(document.TryGetProperty("recordsPerSecond", out _));
        JsonElement total = document.GetProperty("total");
        foreach (string name in (string[])["loads", "walks", "tableLoadsFromL3", "cycles"])
        {
            long sum = document.GetProperty("processors").EnumerateArray().Sum(cpu => cpu.GetProperty(name).GetInt64());
            Assert.Equal(sum, total.GetProperty(name).GetInt64());
        }
    }

    [Fact]
    public void Memtrace_HostTime_IsInTheJsonFileWhereAskedFor()
    {
        string json = _files.InRoot("timed.json");
        Assert.Equal(0, CommandRun.Of("memtrace", Trace, "--json", json, "--host-time").ExitStatus);

        Assert.True(JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("recordsPerSecond").GetDouble() > 0);
    }

    [Fact]
    public void Memtrace_HostTimeWithoutJson_IsRefused() =>
        CommandRun.Of("memtrace", Trace, "--host-time").AssertRefused("--host-time needs --json. Try 'paelab --help'.");

    [Fact]
    public void Memtrace_TruncatedGzip_NamesFileAndRecord()
    {
        byte[] whole = File.ReadAllBytes(Trace);
        string path = _files.WriteBytes("cut.gz", whole[..(whole.Length / 2)]);

        CommandRun run = CommandRun.Of("memtrace", path);

        Assert.Equal(2, run.ExitStatus);
        Assert.Matches($"^paelab: {path}: record [0-9]+: the gzip data is truncated, or something follows it\n$", run.Error);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3, 4, 5, 6, 7, 1, 9 }, "record 2: the trace ends after 1 of its 8 bytes")]
    [InlineData(new byte[] { 1, 2, 3, 4, 5, 6, 7, 6 }, "record 1: there is no kind 6")]
    [InlineData(new byte[0], "record 1: the trace is empty")]
    public void Memtrace_DamagedTrace_NamesFileAndRecord(byte[] content, string problem)
    {
        string path = _files.WriteBytes("damaged", content);

        CommandRun.Of("memtrace", path).AssertRefused($"{path}: {problem}");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("many")]
    public void Memtrace_RepeatThatCannotBe_IsRefused(string repeat) =>
        CommandRun.Of("memtrace", Trace, "--repeat", repeat)
            .AssertRefused($"--repeat is '{repeat}', not 1 to 1000. Try 'paelab --help'.");

    [Fact]
    public void Memtrace_NoSuchFile_IsRefused()
    {
        string path = _files.InRoot("none");

        CommandRun.Of("memtrace", path).AssertRefused($"{path}: no such file");
    }
}
