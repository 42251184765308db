using System.Text.Json;

namespace X86Pae.Cli.Tests.Commands;

public sealed class CompareCommandTests : IDisposable
{
    private readonly TestFiles _files = new();

    [Fact]
    public void Compare_WithoutTrace_ServesTheBuiltInRecordingByEachStrategy()
    {
        CommandRun run = CommandRun.Of("compare");

        Assert.StartsWith("forkio-4cpu.ftrace.gz: 29,906 mappings, 4 CPUs, core-duo, touch once\n", run.Output, StringComparison.Ordinal);
        foreach (string strategy in (string[])["kmap", "kmap_atomic", "kmap_local", "vmap"])
        {
            Assert.Matches($@"(?m)^\| {strategy} +\| 29,906 ", run.Output);
        }

        Assert.Matches(@"(?m)^kmap_local +[1-9][0-9,]* +[1-9][0-9,]* +[0-9,]+ +[0-9,]+$", run.Output);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void Compare_WithoutTrace_PrintsTheTableOfTheReadme()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));

        string output = CommandRun.Of("compare").Output;

        Assert.Contains(output[..(output.LastIndexOf('+') + 1)], readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_Json_HasTheFiguresSortedByCost()
    {
        string path = _files.InRoot("figures.json");

        CommandRun run = CommandRun.Of("compare", TestFiles.FileSystemRecording, "--touch", "page", "--json", path);

        Assert.Equal(0, run.ExitStatus);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement[] strategies = [.. json.RootElement.GetProperty("strategies").EnumerateArray()];
        double[] costs = [.. strategies.Select(strategy => strategy.GetProperty("cyclesPerMap").GetDouble())];
        Assert.Equal(costs.Order(), costs);
        Assert.Equal(4, strategies.Length);
        Assert.All(strategies, strategy => Assert.Equal(13_719, strategy.GetProperty("maps").GetInt64()));
        Assert.All(strategies, strategy => Assert.Equal(0, strategy.GetProperty("wrongReads").GetInt64()));
        Assert.All(strategies, strategy => Assert.InRange(
            strategy.GetProperty("tableLoadsFromL1").GetInt64(), 1, 3 * strategy.GetProperty("walks").GetInt64()));
        Assert.Single(Directory.GetFiles(_files.Root));
    }

    [Fact]
    public void Compare_TouchPage_CostsTheProgramMoreThanTouchNone()
    {
        long Work(string touch)
        {
            string path = _files.InRoot(touch);
            CommandRun.Of("compare", "--touch", touch, "--json", path);
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
            return json.RootElement.GetProperty("strategies")[0].GetProperty("cycles").GetProperty("work").GetInt64();
        }

        Assert.Equal(0, Work("none"));
        Assert.True(Work("page") > 10 * Work("once"));
    }

    [Fact]
    public void Compare_Sweep_NamesWhatHoldsAndWhatFlips()
    {
        string path = _files.InRoot("figures.json");
        string recording = _files.WriteText("head", TestFiles.Lines(TestFiles.ForkRecording)[..3000]);

        CommandRun run = CommandRun.Of("compare", recording, "--sweep", "--json", path);

        Assert.Equal(0, run.ExitStatus);
        Assert.Matches(@"(?m)^kmap_atomic before kmap_local +2 +equal at every corner$", run.Output);
        Assert.Matches(@"(?m)^ranking: flips at invlpg=280 ", run.Output);
        Assert.Matches(@"(?m)^changes nothing: accessedDirtyAssist 60 to 300, ", run.Output);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement sweep = json.RootElement.GetProperty("sweep");
        Assert.True(sweep.GetProperty("everyCorner").GetBoolean());
        Assert.Equal("flips", sweep.GetProperty("verdict").GetString());
        JsonElement[] orders = [.. sweep.GetProperty("orders").EnumerateArray()];
        Assert.Equal(3, orders.Length);
        Assert.Equal("equal", orders[0].GetProperty("verdict").GetString());
        Assert.Contains(orders, order => order.GetProperty("flipPoints").EnumerateArray().Any(
            point => point.GetProperty("name").GetString() == "invlpg"));
        foreach (JsonElement cost in sweep.GetProperty("cyclesPerMap").EnumerateArray())
        {
            JsonElement strategy = json.RootElement.GetProperty("strategies").EnumerateArray()
                .Single(one => one.GetProperty("strategy").GetString() == cost.GetProperty("name").GetString());
            Assert.Equal(strategy.GetProperty("cyclesPerMap").GetDouble(), cost.GetProperty("nominal").GetDouble());
        }
    }

    [Fact]
    public void Compare_WithoutSweep_SaysNothingOfIt()
    {
        string path = _files.InRoot("figures.json");

        CommandRun run = CommandRun.Of("compare", "--json", path);

        Assert.DoesNotContain("corner", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sweep", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_UnknownModel_IsRefused()
    {
        CommandRun run = CommandRun.Of("compare", "--cpu", "8086");

        Assert.StartsWith("paelab: Unknown CPU model '8086'; there are: pentium3-katmai, ", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitStatus);
    }

    [Theory]
    [InlineData("--touch", "1", "none, once or page")]
    [InlineData("--touch", "twice", "none, once or page")]
    [InlineData("--caches", "0", "hot or cold")]
    [InlineData("--caches", "warm", "hot or cold")]
    public void Compare_UnknownChoice_IsRefused(string option, string value, string choices)
    {
        CommandRun run = CommandRun.Of("compare", option, value);

        Assert.Contains($"{option} is '{value}', not {choices}.", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitStatus);
    }

    [Fact]
    public void Compare_ColdCaches_CostMoreAndSaySo()
    {
        string path = _files.InRoot("cold.json");
        CommandRun run = CommandRun.Of("compare", TestFiles.FileSystemRecording, "--caches", "cold", "--json", path);
        CommandRun hot = CommandRun.Of("compare", TestFiles.FileSystemRecording);

        Assert.Equal(0, run.ExitStatus);
        Assert.Contains(", touch once, caches cold\n", run.Output, StringComparison.Ordinal);
        Assert.Contains(", touch once\n", hot.Output, StringComparison.Ordinal);
        Assert.Contains("\"caches\": \"cold\"", File.ReadAllText(path), StringComparison.Ordinal);
    }

    // CPUs that share caches find each other's lines there; nothing else of the workload changes.
    [Fact]
    public void Compare_TwoThreadsOnACore_LoadLessFromMemoryAndSaySo()
    {
        CommandRun[] runs =
        [
            .. ((string[][])[[], ["--smt"]]).Select((arguments, i) => CommandRun.Of(
                ["compare", TestFiles.ForkRecording, "--cpu", "skylake", "--json", _files.InRoot($"{i}.json"), .. arguments])),
        ];

        Assert.All(runs, run => Assert.Equal(0, run.ExitStatus));
        Assert.Contains(", touch once, two threads on a core\n", runs[1].Output, StringComparison.Ordinal);
        Dictionary<string, JsonElement>[] strategies = [.. runs.Select((_, i) => Strategies(_files.InRoot($"{i}.json"), i == 1))];
        foreach ((string name, JsonElement without) in strategies[0])
        {
            JsonElement with = strategies[1][name];
            Assert.True(Figure(with, "tableLoadsFromMemory") < Figure(without, "tableLoadsFromMemory"), name);
            Assert.All(["maps", "pteStores", "invlpgs", "ipis"], figure => Assert.Equal(Figure(without, figure), Figure(with, figure)));
        }

        static long Figure(JsonElement strategy, string name) => strategy.GetProperty(name).GetInt64();

        static Dictionary<string, JsonElement> Strategies(string path, bool siblings)
        {
            using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
            Assert.Equal(siblings, json.RootElement.GetProperty("siblingThreads").GetBoolean());
            return json.RootElement.GetProperty("strategies").EnumerateArray()
                .ToDictionary(one => one.GetProperty("strategy").GetString()!, one => one.Clone());
        }
    }

    [Fact]
    public void Compare_TwoThreadsOnACoreWithOne_IsRefused() =>
        CommandRun.Of("compare", "--smt").AssertRefused("--smt: a core of core-duo has one thread (threadsPerCore)");

    [Fact]
    public void Compare_JsonIntoMissingDirectory_IsRefusedAndWritesNothing()
    {
        string path = Path.Combine(_files.InRoot("none"), "figures.json");

        CommandRun run = CommandRun.Of("compare", "--json", path);

        Assert.StartsWith($"paelab: {path}: cannot be written: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitStatus);
        Assert.Empty(run.Output);
        Assert.Empty(Directory.GetFileSystemEntries(_files.Root));
    }

    [Fact]
    public void Compare_RecordingWithoutMappings_IsRefused()
    {
        string path = _files.WriteText("empty", TestFiles.Lines(TestFiles.ForkRecording)[..13]);

        CommandRun.Of("compare", path).AssertRefused($"{path}: the recording has no kmap_local or kmap mapping to compare");
    }

    public void Dispose() => _files.Dispose();
}
