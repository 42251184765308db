using System.Text.Json;

namespace X86Pae.Cli.Tests.Commands;

public sealed class SmtCommandTests : IDisposable
{
    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    // 64 data entries for both threads; 128 instruction entries, of which each has 64 with SMT on.
    [Fact]
    public void Smt_PentiumFour_ShowsWhatASiblingCosts()
    {
        CommandRun run = CommandRun.Of("smt", "--cpu", "pentium4-northwood");

        Assert.Equal((0, string.Empty), (run.ExitStatus, run.Error));
        Assert.Matches(@"(?m)^load +64 +2\.00 +2\.00 +33\.00 +0\.00 +0\.00 +1\.00 +0\.00 +0\.00 +1\.00$", run.Output);
        Assert.Matches(@"(?m)^fetch +128 +2\.00 +33\.00 +50\.00 +0\.00 +1\.00 +1\.00 ", run.Output);
    }

    [Fact]
    public void Smt_Json_HasTheFiguresOfTheTable()
    {
        string path = _files.InRoot("smt.json");

        Assert.Equal(0, CommandRun.Of("smt", "--cpu", "zen1", "--json", path).ExitStatus);

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        Assert.Equal("zen1", json.RootElement.GetProperty("cpu").GetString());
        JsonElement row = json.RootElement.GetProperty("rows").EnumerateArray()
            .Single(one => one.GetProperty("access").GetString() == "load" && one.GetProperty("pages").GetInt32() == 64);
        Assert.Equal(4, row.GetProperty("idle").GetProperty("cycles").GetDouble());
        Assert.Equal(12, row.GetProperty("busy").GetProperty("cycles").GetDouble());
    }

    [Fact]
    public void Smt_ProcessorWithOneThread_IsRefused() => CommandRun.Of("smt").AssertRefused(
        "a core of core-duo has one thread (threadsPerCore): --cpu names another model");
}
