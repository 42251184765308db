using System.Text.Json.Nodes;

namespace X86Pae.Cli.Tests.Commands;

public sealed class CheckLatencyCommandTests : IDisposable
{
    private const string Title = "# Made up; page-table entries 8 bytes on that system";
    private const string NoSize = "expected a comment that says 'page-table entries 4 bytes' or '8 bytes'";
    private const string Header = "size_kib,stride_bytes,cycles";

    private readonly TestFiles _files = new();

    [Fact]
    public void CheckLatency_CellsOfEachClass_AreShownWithTheirErrors()
    {
        string path = _files.WriteText("cells.csv", Title, Header, "16,512,3", "1024,4096,20", "1536,4096,19", "4096,4096,200");

        CommandRun run = CommandRun.Of("check-latency", path, "--cpu", "core-duo");

        string[] lines = run.Output.Split('\n');
        Assert.Equal("Made up; page-table entries 8 bytes on that system", lines[0]);
        Assert.StartsWith("core-duo: Intel Core Duo", lines[1], StringComparison.Ordinal);
        Assert.Equal(
            [
                "  size KiB   stride B   measured     model    error   class",
                "        16        512          3       3.0    +0.0%   cache",
                "      1024       4096         20      19.0    -5.0%   cache, TLB missing",
            ],
            lines[2..5]);
        Assert.Matches(@"(?m)^ +1536 +4096 +19 +[\d.]+ +[+-][\d.]+%$", run.Output); // 1.5 of 2 MiB: too near to be decided
        Assert.Matches(@"(?m)^ +4096 +4096 +200 +[\d.]+ +[+-][\d.]+%   DRAM$", run.Output);
        Assert.Matches("(?m)^cache-resident     2 cells, mean absolute error   2.50 %, at most 1 %: FAILS$", run.Output);
        Assert.Matches("(?m)^TLB-missing        1 cells, mean absolute error   5.00 %, at most 3 %: FAILS$", run.Output);
        Assert.Equal(1, run.ExitStatus);
    }

    [Fact]
    public void CheckLatency_NoCellOfAClass_HoldsAndSaysSo()
    {
        string path = _files.WriteText("cells.csv", Title, Header, "16,512,3");

        CommandRun run = CommandRun.Of("check-latency", path);

        Assert.EndsWith(
            "TLB-missing        0 cells, mean absolute error   0.00 %, at most 3 %: no such cell\n"
            + "DRAM               0 cells, mean absolute error   0.00 %, at most 15 %: no such cell\n",
            run.Output,
            StringComparison.Ordinal);
        Assert.Equal(0, run.ExitStatus);
    }

    [Fact]
    public void CheckLatency_ErrorThatRoundsToZero_HasOneSign()
    {
        string path = _files.WriteText("cells.csv", Title, Header, "16,512,3.001");

        Assert.Contains("  +0.0%   cache\n", CommandRun.Of("check-latency", path).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckLatency_ModelFile_DecidesCostsAndTolerance()
    {
        string csv = _files.WriteText("cells.csv", Title, Header, "16,512,4");
        JsonObject model = Model();
        model["l1"]!["loadToUse"]!["value"] = 5;
        string name = _files.WriteText("mine.json", model.ToJsonString());

        CommandRun refused = CommandRun.Of("check-latency", csv, "--cpu-file", name);
        model["tolerance"]!["cacheResident"] = 25;
        CommandRun accepted = CommandRun.Of(
            "check-latency", csv, "--cpu-file", _files.WriteText("mine.json", model.ToJsonString()));
        model.Remove("tolerance");
        CommandRun byDefault = CommandRun.Of(
            "check-latency", csv, "--cpu-file", _files.WriteText("mine.json", model.ToJsonString()));

        Assert.Contains("     5.0   +25.0%   cache\n", refused.Output, StringComparison.Ordinal);
        Assert.Equal((1, 0, 1), (refused.ExitStatus, accepted.ExitStatus, byDefault.ExitStatus));
        Assert.Contains("at most 5 %: FAILS", byDefault.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, NoSize, "# entries 8 bytes", Header)]
    [InlineData(1, NoSize, "# page-table entries 6 bytes", Header)]
    [InlineData(1, "the file ends where a comment with the size of a page-table entry should stand")]
    [InlineData(2, "the file ends where the line of column names should stand", Title)]
    [InlineData(2, "column 'cycles' is missing", Title, "size_kib,stride_bytes")]
    [InlineData(3, "the line has 2 fields, the line of column names 3", Title, Header, "2,512")]
    [InlineData(3, "size_kib is 'two', not a number", Title, Header, "two,512,3")]
    [InlineData(3, "size_kib is '-2', not a number", Title, Header, "-2,512,3")]
    [InlineData(4, "cycles is '', not a number", Title, Header, "2,512,3", "2,512,")]
    [InlineData(3, "cycles is 'NaN', not a number", Title, Header, "2,512,NaN")]
    [InlineData(3, "cycles is 'Infinity', not a number", Title, Header, "2,512,Infinity")]
    [InlineData(3, "cycles is '0', not a number above 0", Title, Header, "2,512,0")]
    [InlineData(3, "a block of 0 KiB with a stride of 512 bytes is not possible", Title, Header, "0,512,3")]
    [InlineData(3, "a block of 524289 KiB with a stride of 512 bytes is not possible", Title, Header, "524289,512,3")]
    [InlineData(3, "a block of 2 KiB with a stride of 3 bytes is not possible", Title, Header, "2,3,3")]
    [InlineData(3, "a block of 2 KiB with a stride of 2049 bytes is not possible", Title, Header, "2,2049,3")]
    public void CheckLatency_MalformedFile_IsRefusedWithItsLine(int line, string reason, params string[] lines)
    {
        string path = _files.WriteText("cells.csv", lines);

        CommandRun.Of("check-latency", path).AssertRefused($"{path}:{line}: {reason}");
    }

    [Fact]
    public void CheckLatency_NoCells_IsRefused()
    {
        string path = _files.WriteText("cells.csv", Title, Header);

        CommandRun.Of("check-latency", path).AssertRefused($"{path}: the file has no cells");
    }

    [Fact]
    public void CheckLatency_NoFile_IsRefused() =>
        CommandRun.Of("check-latency", "nowhere.csv").AssertRefused("nowhere.csv: no such file");

    [Fact]
    public void CheckLatency_BrokenModelFile_IsRefusedWithFileAndMember()
    {
        JsonObject model = Model();
        model["tlbs"]!["data4K"]!["ways"] = 3;
        string path = _files.WriteText("mine.json", model.ToJsonString());

        CommandRun.Of("check-latency", TestFiles.Latency("yonah-celeron215"), "--cpu-file", path)
            .AssertRefused($"{path}: tlbs.data4K.entries: is not a multiple of ways");
    }

    [Fact]
    public void CheckLatency_NoModelFile_IsRefused() =>
        CommandRun.Of("check-latency", TestFiles.Latency("yonah-celeron215"), "--cpu-file", "nowhere.json")
            .AssertRefused("nowhere.json: no such file");

    [Fact]
    public void CheckLatency_ModelAndModelFile_ExcludeEachOther() =>
        CommandRun.Of("check-latency", TestFiles.Latency("yonah-celeron215"), "--cpu", "core-duo", "--cpu-file", "mine.json")
            .AssertRefused("--cpu and --cpu-file exclude each other. Try 'paelab --help'.");

    public void Dispose() => _files.Dispose();

    private static JsonObject Model() => JsonNode.Parse(TestFiles.ModelText("core-duo"))!.AsObject();
}
