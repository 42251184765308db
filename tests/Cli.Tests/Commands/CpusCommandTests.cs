using X86Pae.Timing;

namespace X86Pae.Cli.Tests.Commands;

public sealed class CpusCommandTests : IDisposable
{
    private readonly TestFiles _files = new();

    [Fact]
    public void Cpus_WithoutModel_HasALineForEach()
    {
        CommandRun run = CommandRun.Of("cpus");

        string[] lines = run.Output.Split('\n');
        Assert.StartsWith("name ", lines[0], StringComparison.Ordinal);
        Assert.Equal(CpuModels.All.Select(model => model.Name), lines[1..17].Select(line => line.Split(' ')[0]));
        Assert.Matches(@"(?m)^core2-conroe +2930 +32 +4096 +- +128/4 +16/4 +256/4 +- +Intel Core 2", run.Output);
        Assert.Matches(@"(?m)^skylake +2200 +32 +256 +6144 +128/8 +- +64/4 +1536/12\* unified +Intel", run.Output);
        Assert.Matches(@"(?m)^zen1 +3600 +32 +512 +8192 +64/64\* +- +64/64\* +1536/12\*, code 1024/8 +AMD", run.Output);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void Cpus_Model_HasEveryParameterWithUnitConfidenceRangeAndSource()
    {
        CommandRun run = CommandRun.Of("cpus", "skylake");

        Assert.StartsWith("skylake: Intel Core i5 (Skylake)", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^parameter +value +unit +confidence +range +source$", run.Output);
        Assert.Matches(@"(?m)^frequencyInMHz +2200 +MHz$", run.Output);
        Assert.Matches(@"(?m)^l3\.sizeInKiB +6144 +KiB$", run.Output);
        Assert.Matches(@"(?m)^l3\.loadToUse +40 +cycles +found +InstLatx64 load-latency grid$", run.Output);
        Assert.Matches(@"(?m)^walksBypassL1 +false$", run.Output);
        Assert.Matches(@"(?m)^tlbs\.secondData4K +1536 +entries, 12 ways, threeTrees, index xor +found +vusec", run.Output);
        Assert.Matches(@"(?m)^tlbs\.secondIsUnified +true$", run.Output);
        Assert.Matches(@"(?m)^pgeTogglePair +950 +cycles +estimated +700 to 1100 +as Haswell", run.Output);
        Assert.Matches(@"(?m)^tolerance\.dram +60 +%$", run.Output);
        Assert.DoesNotContain("loadLevelMiss", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitStatus);
    }

    [Fact]
    public void Cpus_ModelOfValidate_IsListedLikeABuiltInOne()
    {
        CommandRun run = CommandRun.Of("cpus", "old-amd");

        Assert.StartsWith("old-amd: The 'old 64-bit AMD' of flush measurements", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^invlpg +94 +cycles +found +Molnar", run.Output);
        Assert.Matches(@"(?m)^refillChargedInPercent +20 +% +estimated +0 to 100 +independent touches", run.Output);
        Assert.Equal(0, run.ExitStatus);
    }

    [Fact]
    public void Cpus_EachModel_ListsAllItsParametersOnce()
    {
        foreach (CpuModel model in CpuModels.All)
        {
            string[] names = [.. CommandRun.Of("cpus", model.Name).Output.Split('\n').Select(line => line.Split(' ')[0])];

            Assert.All(model.ListParameters(), parameter => Assert.Single(names, name => name == parameter.Name));
            Assert.All(model.TlbArrays.ListArrays(), array => Assert.Single(names, name => name == array.Name));
        }
    }

    [Fact]
    public void Cpus_File_ListsTheModelInIt()
    {
        string text = TestFiles.ModelText("core-duo").Replace("\"core-duo\"", "\"mine\"", StringComparison.Ordinal);

        CommandRun run = CommandRun.Of("cpus", "--cpu-file", _files.WriteText("mine.json", text));

        Assert.StartsWith("mine: Intel Core Duo", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^ipiWire +250 +cycles +estimated +100 to 500 ", run.Output);
    }

    [Fact]
    public void Cpus_BrokenFile_IsRefusedWithFileAndMember()
    {
        string path = _files.WriteText(
            "mine.json", TestFiles.ModelText("core-duo").Replace("\"dram\"", "\"ram\"", StringComparison.Ordinal));

        CommandRun run = CommandRun.Of("cpus", "--cpu-file", path);

        Assert.StartsWith($"paelab: {path}: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("'ram'", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitStatus);
    }

    [Fact]
    public void Cpus_UnknownModel_IsRefused()
    {
        CommandRun run = CommandRun.Of("cpus", "8086");

        Assert.StartsWith("paelab: Unknown CPU model '8086'; there are: pentium3-katmai, ", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitStatus);
    }

    [Fact]
    public void Cpus_UnknownModel_ListsEveryNameThatCouldBeUsed()
    {
        string listed = CommandRun.Of("cpus", "nope").Error.Split("there are: ")[1].Split('.')[0];

        Assert.Contains("pentium-pro", listed.Split(", "));
        Assert.All(listed.Split(", "), name => Assert.Equal(0, CommandRun.Of("cpus", name).ExitStatus));
        Assert.DoesNotContain("pentium-pro", CommandRun.Of("compare", "--cpu", "nope").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Cpus_OptionOfOtherCommands_IsRefusedByItsName() =>
        CommandRun.Of("cpus", "--cpu", "core-duo").AssertRefused("Unrecognized option '--cpu'. Try 'paelab --help'.");

    [Fact]
    public void Cpus_ModelAndFile_ExcludeEachOther() => CommandRun.Of("cpus", "core-duo", "--cpu-file", "mine.json")
        .AssertRefused("MODEL and --cpu-file exclude each other. Try 'paelab --help'.");

    public void Dispose() => _files.Dispose();
}
