
namespace X86Pae.Cli.Tests.Commands;

public sealed class CheckSnapshotCommandTests : IDisposable
{
    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void CheckSnapshot_RecordedMachines_Pass()
    {
        CommandRun run = CommandRun.Of("check-snapshot", TestFiles.SmepSmapSnapshot, TestFiles.PtiSnapshot);

        Assert.Equal("6291456 passed, 0 failed", run.LastLine); // 6 processors, 2^20 pages each
        Assert.Equal(0, run.ExitStatus);
        Assert.Contains(
            "-pti: cpu 1: 3562 of 1048576 pages mapped (1002 by 4-KiB pages, 2560 by 2-MiB pages), 0 failed\n",
            run.Output,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("08049000,1bf8c8000,4K,0,0,0,1,0,0,1,0", "08049000,1bf8c9000,4K,0,0,0,1,0,0,1,0")]
    [InlineData("08049000,1bf8c8000,4K,0,0,0,1,0,0,1,0", "08049000,1bf8c8000,4K,1,0,0,1,0,0,1,0")]
    [InlineData("08049000,1bf8c8000,4K,0,0,0,1,0,0,1,0", "08049000,1bf8c8000,4K,0,1,0,1,0,0,1,0")]
    [InlineData("08049000,1bf8c8000,4K,0,0,0,1,0,0,1,0", "08049000,1bf8c8000,4K,0,0,1,1,0,0,1,0")]
    [InlineData("08049000,1bf8c8000,4K,0,0,0,1,0,0,1,0", "08049000,1bf8c8000,4K,0,0,0,0,0,0,1,0")]
    [InlineData("08049000,1bf8c8000,4K,0,0,0,1,0,0,1,0", "08049000,1bf8c8000,4K,0,0,0,1,1,0,1,0")]
    [InlineData("08049000,1bf8c8000,4K,0,0,0,1,0,0,1,0", "08049000,1bf8c8000,4K,0,0,0,1,0,1,1,0")]
    [InlineData("08049000,1bf8c8000,4K,0,0,0,1,0,0,1,0", "08049000,1bf8c8000,4K,0,0,0,1,0,0,0,0")]
    [InlineData("08049000,1bf8c8000,4K,0,0,0,1,0,0,1,0", "08049000,1bf8c8000,4K,0,0,0,1,0,0,1,1")]
    public void CheckSnapshot_OneMappingAltered_FailsAtThatPage(string original, string altered)
    {
        CommandRun run = CheckWithMappings(lines => lines.Select(line => line == original ? altered : line));

        Assert.Equal("2097151 passed, 1 failed", run.LastLine);
        Assert.Equal(1, run.ExitStatus);
        Assert.StartsWith($"FAILED {_files.Root}: cpu 0: linear 08049000\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckSnapshot_MappingRemoved_FailsAtThatPage()
    {
        CommandRun run = CheckWithMappings(
            lines => lines.Where(line => !line.StartsWith("08049000", StringComparison.Ordinal)));

        Assert.Equal("2097151 passed, 1 failed", run.LastLine);
        Assert.Contains("expected:  not mapped\n  actual:    physical=1bf8c8000 size=4K ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckSnapshot_LargeMappingAdded_FailsAtEachOfItsPages()
    {
        CommandRun run = CheckWithMappings(lines => lines.Append("00200000,00200000,2M,0,0,0,1,0,0,1,0"));

        Assert.Equal("2096640 passed, 512 failed", run.LastLine);
        Assert.Contains("actual:    not mapped (page fault, error code 0)\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("08049001,1bf8c8000,4K,0,0,0,1,0,0,1,0", "linear is '08049001', not the address of such a page")]
    [InlineData("00200000,1bf8c8000,2M,0,0,0,1,0,0,1,0", "physical is '1bf8c8000', not the address of such a page")]
    [InlineData("00200000,00200000,1G,0,0,0,1,0,0,1,0", "size is '1G', not 4K or 2M")]
    [InlineData("08049000,1bf8c8000,4K,0,0,0,1,0,0,1,0", "the page is listed already")]
    [InlineData("00001000,1000,4K,0,0,0,1,0,0,1,x", "writable is 'x', not 0 or 1")]
    [InlineData("00001000,1000,4K", "the line has 3 fields, the line of column names 11")]
    public void CheckSnapshot_MalformedMapping_IsRefusedAtThatLine(string added, string message)
    {
        int line = TestFiles.Lines(Path.Combine(TestFiles.SmepSmapSnapshot, "mappings-cpu0.csv.gz")).Length + 1;

        CommandRun run = CheckWithMappings(lines => lines.Append(added));

        run.AssertRefused($"{_files.InRoot("mappings-cpu0.csv.gz")}:{line}: {message}");
    }

    [Theory]
    [InlineData("machine.json")]
    [InlineData("pages.bin.gz")]
    [InlineData("mappings-cpu0.csv.gz")]
    public void CheckSnapshot_FileMissing_IsRefused(string name)
    {
        _files.CopySnapshot(TestFiles.SmepSmapSnapshot);
        File.Delete(_files.InRoot(name));

        CommandRun.Of("check-snapshot", _files.Root).AssertRefused($"{_files.InRoot(name)}: no such file");
    }

    [Fact]
    public void CheckSnapshot_NoSuchDirectory_IsRefused() =>
        CommandRun.Of("check-snapshot", _files.InRoot("absent")).AssertRefused($"{_files.InRoot("absent")}: no such directory");

    [Theory]
    [InlineData("{", ":2: not JSON, or a value of the wrong type")]
    [InlineData("null", ": the document is null")]
    [InlineData("{}", ": maxphyaddr should be a number from 32 to 52")]
    [InlineData("""{"maxphyaddr":"40"}""", ":1: not JSON, or a value of the wrong type at $.maxphyaddr")]
    [InlineData("""{"maxphyaddr":40}""", ": cpus should be a list of at least one processor")]
    [InlineData("""{"maxphyaddr":40,"cpus":[null]}""", ": cpus[0].cpu should be the number of the processor")]
    [InlineData("""{"maxphyaddr":40,"cpus":[{"cpu":0,"cr0":"80050033"}]}""",
        ": cpus[0].cr0 should be a hexadecimal string, 0x0 to 0xffffffff")]
    [InlineData("""{"maxphyaddr":40,"cpus":[{"cpu":0,"cr0":"0x33","cr3":"0x0","cr4":"0x20","efer":"0x800"}]}""",
        ": cpu 0: CR0=33 and CR4=20 do not turn PAE paging on")]
    [InlineData("""{"maxphyaddr":40,"cpus":[{"cpu":0,"cr0":"0x80000033","cr3":"0x0","cr4":"0x20020","efer":"0x800"}]}""",
        ": cpu 0: the processor refuses CR4=20020 with #GP")]
    [InlineData("""{"maxphyaddr":40,"cpus":[{"cpu":0,"cr0":"0x80000000","cr3":"0x0","cr4":"0x20","efer":"0x800"}]}""",
        ": cpu 0: the processor refuses CR0=80000000 with CR3=0 with #GP")]
    public void CheckSnapshot_BadMachineDescription_IsRefused(string json, string message)
    {
        _files.CopySnapshot(TestFiles.SmepSmapSnapshot);
        string path = _files.WriteText("machine.json", json);

        CommandRun.Of("check-snapshot", _files.Root).AssertRefused(path + message);
    }

    [Fact]
    public void CheckSnapshot_PageImageEndsInPage_IsRefused()
    {
        _files.CopySnapshot(TestFiles.SmepSmapSnapshot);
        string path = _files.WriteBytes("pages.bin.gz", new byte[4104 + 1000]);

        CommandRun.Of("check-snapshot", _files.Root).AssertRefused($"{path}: page 1 is cut short: 1000 of 4104 bytes");
    }

    [Fact]
    public void CheckSnapshot_PageImageWithBadAddress_IsRefused()
    {
        _files.CopySnapshot(TestFiles.SmepSmapSnapshot);
        string path = _files.WriteBytes("pages.bin.gz", [1, .. new byte[4103]]);

        CommandRun.Of("check-snapshot", _files.Root)
            .AssertRefused($"{path}: page 0 has the address 1, which is no page below 10000000000");
    }

    [Fact]
    public void CheckSnapshot_TruncatedPageImage_IsRefused()
    {
        _files.CopySnapshot(TestFiles.SmepSmapSnapshot);
        string path = _files.WriteBytes("pages.bin.gz", File.ReadAllBytes(_files.InRoot("pages.bin.gz"))[..5000]);

        CommandRun.Of("check-snapshot", _files.Root)
            .AssertRefused($"{path}: the gzip data is truncated, or something follows it");
    }

    private CommandRun CheckWithMappings(Func<string[], IEnumerable<string>> alter)
    {
        const string Name = "mappings-cpu0.csv.gz";
        _files.CopySnapshot(TestFiles.SmepSmapSnapshot);
        _files.WriteGzip(Name, alter(TestFiles.Lines(Path.Combine(TestFiles.SmepSmapSnapshot, Name))));
        return CommandRun.Of("check-snapshot", _files.Root);
    }
}
