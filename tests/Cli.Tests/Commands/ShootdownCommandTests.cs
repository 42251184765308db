using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

namespace X86Pae.Cli.Tests.Commands;

public sealed class ShootdownCommandTests : IDisposable
{
    private readonly TestFiles _files = new();

    // Core Duo by hand: 7 x (21 + 60), 80 + 80, 250, 400, 40, 40, 150, 60.
    [Fact]
    public void Shootdown_EightCpus_IsSplitIntoItsParts()
    {
        CommandRun run = CommandRun.Of("shootdown", "--cpus", "8");

        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.Error);
        Assert.StartsWith("shootdown of one page, core-duo\n", run.Output, StringComparison.Ordinal);
        Assert.Matches("(?m)^targets  messages  cycles  set-up  send  wire  entry  EOI  handler  flush  observe  on targets$", run.Output);
        Assert.Matches("(?m)^ +7 +1 +1,667 +567 +160 +250 +400 +40 +40 +150 +60 +6,090$", run.Output);
    }

    [Fact]
    public void Shootdown_Range_HasALineForEachSize()
    {
        string[] lines = CommandRun.Of("shootdown", "--cpus", "1..64").Output.Split('\n');

        Assert.Equal(
            Enumerable.Range(0, 64),
            lines.Where(line => line.Length > 7 && char.IsDigit(line[6])).Select(line => int.Parse(line[..7], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Shootdown_Json_PartsAddUpToTheCycles()
    {
        JsonElement root = Json(
            "--cpu", "pentium3-tualatin", "--cpus", "2..9", "--delivery", "physical", "--requests", "shared", "--ack", "counter", "--local",
            "first", "--pages", "3", "--if-off", "4000", "--user", "--per-package", "4", "--count", "5");

        Assert.Equal("pentium3-tualatin", root.GetProperty("cpu").GetString());
        Assert.Equal(("physical", "shared", "counter", "first"), (
            root.GetProperty("delivery").GetString(), root.GetProperty("requests").GetString(),
            root.GetProperty("acknowledgement").GetString(), root.GetProperty("localFlush").GetString()));
        Assert.Equal((3, 4000, 4, 5), (
            root.GetProperty("pages").GetInt32(), root.GetProperty("interruptsOff").GetInt32(),
            root.GetProperty("processorsPerPackage").GetInt32(), root.GetProperty("count").GetInt32()));
        Assert.True(root.GetProperty("targetsInUserMode").GetBoolean());
        JsonElement[] points = [.. root.GetProperty("points").EnumerateArray()];
        Assert.Equal(Enumerable.Range(2, 8), points.Select(point => point.GetProperty("processors").GetInt32()));
        Assert.All(points, point => Assert.Equal(
            point.GetProperty("cycles").GetDouble(),
            point.GetProperty("parts").EnumerateObject().Sum(part => part.Value.GetDouble()),
            precision: 6));
        Assert.All(points, point => Assert.Equal(3 * 140, Part(point, "flush")));
        Assert.All(points, point => Assert.Equal(3 * 140, Part(point, "localFlush")));
        Assert.All(points, point => Assert.Equal(227, Part(point, "entry")));
        Assert.All(points, point => Assert.Equal(point.GetProperty("targets").GetInt32(), point.GetProperty("messages").GetInt32()));
    }

    // V50: 935 cycles from the message to the handler, 1771 with both threads of a core in use.
    [Theory]
    [InlineData(935)]
    [InlineData(1771, "--smt")]
    public void Shootdown_Skylake_ReachesTheHandlerAfterTheMeasuredTime(int cycles, params string[] options)
    {
        JsonElement point = Json(["--cpu", "skylake", "--cpus", "2", .. options]).GetProperty("points")[0];

        Assert.Equal(cycles, Part(point, "wire") + Part(point, "entry"));
    }

    // V52: each further target costs the same or less.
    [Theory]
    [InlineData("core2-conroe")]
    [InlineData("skylake")]
    [InlineData("pentium4-northwood")]
    public void Shootdown_MoreTargets_CostNoMoreEach(string cpu)
    {
        double[] cycles = Cycles("--cpu", cpu, "--cpus", "2..64");
        double[] marginal = [.. cycles.Zip(cycles[1..], (one, next) => next - one)];

        Assert.All(marginal, cost => Assert.True(cost > 0));
        Assert.Equal(marginal.OrderDescending(), marginal);
    }

    // The shape of V53, two packages of four: the counter's line goes from 0 to 7, six times near (70) and once far (300), with a
    // locked operation (20) at each stop.
    [Fact]
    public void Shootdown_SharedCounter_AddsTheWayOfItsLine()
    {
        string[] machine = ["--cpu", "nehalem-lynnfield", "--cpus", "8", "--per-package", "4", "--requests", "shared"];
        double flags = Cycles(machine)[0];

        Assert.Equal(20 + 160 + 600 + 400 + 80 + 232 + 300, flags);
        Assert.Equal(flags + (6 * 70) + 300 + (7 * 20), Cycles([.. machine, "--ack", "counter"])[0]);
    }

    // V54: overlapping the local flush gains exactly that flush.
    [Fact]
    public void Shootdown_OverlappedLocalFlush_GainsTheFlush()
    {
        Assert.Equal(
            Cycles("--cpus", "2..16", "--local", "first"), Cycles("--cpus", "2..16", "--local", "overlapped").Select(cycles => cycles + 150));
    }

    // V55: on the serial bus, messages one by one take at least 21 bus clocks each; one message for all takes the same for any number.
    [Fact]
    public void Shootdown_PentiumThree_SerialisesMessages()
    {
        double[] Transport(string delivery) =>
        [
            .. Json("--cpu", "pentium3-tualatin", "--cpus", "2..8", "--delivery", delivery).GetProperty("points").EnumerateArray()
                .Select(point => Part(point, "send") + Part(point, "wire")),
        ];
        double[] one = Transport("physical");

        Assert.All(one.Zip(one[1..], (fewer, more) => more - fewer), step => Assert.True(step >= 798));
        Assert.Single(Transport("logical").Distinct());
    }

    // V57: the interrupts of one target are off for a time from the start.
    [Theory]
    [InlineData(0)]
    [InlineData(490)]
    [InlineData(10_000)]
    public void Shootdown_InterruptsOff_DelaysByWhatIsLeftAtArrival(int off)
    {
        const int Arrival = 81 + 160 + 250;

        Assert.Equal(
            Cycles("--cpus", "2")[0] + Math.Max(0, off - Arrival),
            Cycles("--cpus", "2", "--if-off", off.ToString(CultureInfo.InvariantCulture))[0]);
    }

    [Fact]
    public void Shootdown_PagesZero_DropsEverything()
    {
        Assert.Equal(24 + 9 + 750, Part(Json("--cpus", "2", "--pages", "0").GetProperty("points")[0], "flush"));
    }

    [Fact]
    public void Shootdown_ManyBackToBack_IsTheMeanOfThem()
    {
        JsonElement root = Json("--cpus", "1024", "--count", "1000");

        Assert.Equal(1023 * 870, root.GetProperty("points")[0].GetProperty("targetCycles").GetDouble());
        Assert.Equal(Cycles("--cpus", "1024")[0], root.GetProperty("points")[0].GetProperty("cycles").GetDouble());
    }

    [Theory]
    [InlineData("1..64")]
    [InlineData("8")]
    public void Shootdown_Svg_IsAChartOfThePartsWithAxesAndLegend(string cpus)
    {
        string path = _files.InRoot("chart.svg");

        Assert.Equal(0, CommandRun.Of("shootdown", "--cpus", cpus, "--svg", path).ExitStatus);

        XElement svg = XDocument.Load(path).Root!;
        XNamespace ns = "http://www.w3.org/2000/svg";
        string[] texts = [.. svg.Elements(ns + "text").Select(text => text.Value)];
        string[] parts = [.. svg.Elements(ns + "polygon").Select(polygon => polygon.Element(ns + "title")!.Value)];
        Assert.Contains("shootdown of one page, core-duo", texts);
        Assert.Contains("targets (CPUs interrupted)", texts);
        Assert.Contains("cycles of the initiator", texts);
        Assert.Equal(["set-up", "send", "wire", "entry", "EOI", "handler", "flush", "observe"], parts.Except(["local flush"]));
        Assert.All(parts, part => Assert.Contains(part, texts));

        // Nothing leaves the picture.
        Assert.All(
            svg.Elements(ns + "polygon").SelectMany(polygon => polygon.Attribute("points")!.Value.Split(' ', ',')),
            number => Assert.InRange(double.Parse(number, CultureInfo.InvariantCulture), 0, 900));
        Assert.Single(Directory.GetFiles(_files.Root));
    }

    [Theory]
    [InlineData("--cpus is '0', not a number from 1 to 1024 or a range of such numbers, like 1..64.", "--cpus", "0")]
    [InlineData("--cpus is '1025', not a number from 1 to 1024 or a range of such numbers, like 1..64.", "--cpus", "1025")]
    [InlineData("--cpus is '4..2', not a number from 1 to 1024 or a range of such numbers, like 1..64.", "--cpus", "4..2")]
    [InlineData("--cpus is '1..', not a number from 1 to 1024 or a range of such numbers, like 1..64.", "--cpus", "1..")]
    [InlineData("--delivery is '0', not all-but-self, logical or physical.", "--delivery", "0")]
    [InlineData("--ack is 'both', not flags or counter.", "--ack", "both")]
    [InlineData("--requests is 'x', not queues or shared.", "--requests", "x")]
    [InlineData("--local is 'last', not overlapped or first.", "--local", "last")]
    [InlineData("--pages is '-1', not a number from 0 to 4096.", "--pages", "-1")]
    [InlineData("--count is '0', not a number from 1 to 1000000000.", "--count", "0")]
    [InlineData("--if-off is 'x', not a number from 0 to 1000000000.", "--if-off", "x")]
    [InlineData("--per-package is '0', not a number from 1 to 1024.", "--per-package", "0")]
    public void Shootdown_BadValue_IsRefused(string message, params string[] arguments)
    {
        CommandRun run = CommandRun.Of(["shootdown", .. arguments]);

        Assert.Equal($"paelab: {message} Try 'paelab --help'.\n", run.Error);
        Assert.Equal(2, run.ExitStatus);
    }

    [Fact]
    public void Shootdown_SiblingThreadsOfAModelWithoutThem_IsRefused() =>
        CommandRun.Of("shootdown", "--smt").AssertRefused("--smt: a core of core-duo has one thread (threadsPerCore)");

    [Fact]
    public void Shootdown_InterruptsOffWithoutATarget_IsRefused() =>
        CommandRun.Of("shootdown", "--cpus", "1", "--if-off", "1000").AssertRefused("--if-off is 1000: with --cpus 1 there is no target");

    [Fact]
    public void Shootdown_SiblingThreadsInDifferentPackages_IsRefused() =>
        CommandRun.Of("shootdown", "--smt", "--cpu", "skylake", "--per-package", "3")
            .AssertRefused("--per-package is 3: with --smt it is an even number");

    // Where the wire was not measured with both threads in use it takes what it takes otherwise; the sibling is a target as well.
    [Fact]
    public void Shootdown_SiblingThreadsOfAModelWithoutTheirWire_CostsTheSame()
    {
        string[] arguments = ["shootdown", "--cpu", "zen1", "--cpus", "2..3"];
        CommandRun without = CommandRun.Of(arguments);
        CommandRun with = CommandRun.Of([.. arguments, "--smt"]);

        Assert.Equal(0, with.ExitStatus);
        Assert.Equal(Figures(without), Figures(with));

        static IEnumerable<string> Figures(CommandRun run) => run.Output.Split('\n').Skip(2);
    }

    [Fact]
    public void Shootdown_ChartIntoMissingDirectory_IsRefusedAndPrintsNothing()
    {
        string path = Path.Combine(_files.InRoot("none"), "chart.svg");

        CommandRun run = CommandRun.Of("shootdown", "--cpus", "2", "--svg", path);

        Assert.StartsWith($"paelab: {path}: cannot be written: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
        Assert.Equal(2, run.ExitStatus);
    }

    public void Dispose() => _files.Dispose();

    private static double Part(JsonElement point, string name) => point.GetProperty("parts").GetProperty(name).GetDouble();

    private JsonElement Json(params string[] arguments)
    {
        string path = _files.InRoot("figures.json");
        CommandRun run = CommandRun.Of(["shootdown", .. arguments, "--json", path]);
        Assert.Equal((0, string.Empty), (run.ExitStatus, run.Error));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        return json.RootElement.Clone();
    }

    private double[] Cycles(params string[] arguments) =>
        [.. Json(arguments).GetProperty("points").EnumerateArray().Select(point => point.GetProperty("cycles").GetDouble())];
}
