namespace X86Pae.Cli.Tests.Commands;

public sealed class ExplainCommandTests : IDisposable
{
    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Explain_MappedPage_ShowsTheWholeWalk()
    {
        CommandRun run = Explain(TestFiles.SmepSmapSnapshot, "0", "0x08049123", "--user");

        Assert.Equal(
            """
            user read of linear 08049123

            mode        PAE paging, MAXPHYADDR 40
            CR0         80050033  PG=1 WP=1
            CR4         00350ef0  PAE=1 PSE=1 PGE=1 SMEP=1 SMAP=1
            EFER        00000800  NXE=1
            CR3         02f713c0  PDPT at 02f713c0, read into the PDPTE registers by the last load
            indices     GiB 0, PDE 64, PTE 73, offset 123

            tables      address     raw               P R/W U/S PWT PCD A D PS PAT G XD avl  base        U W XD
            PDPTE 0     register    00000000030f0001  1  -   -   0   0  - - -   -  - -   0   00030f0000  1 1 0
            PDE   64    00030f0200  00000001bf40b067  1  1   1   0   0  1 - 0   -  - 0   0   01bf40b000  1 1 0
            PTE   73    01bf40b248  00000001bf8c8025  1  0   1   0   0  1 0 -   0  0 0   0   01bf8c8000  1 0 0

            result      physical 01bf8c8123, 4-KiB page U=1 W=0 XD=0 G=0 D=0 PAT=0 PCD=0 PWT=0; by a walk of the tables

            """.ReplaceLineEndings("\n"),
            run.Output);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.Error);
    }

    [Theory]
    // A 2-MiB page of the kernel.
    [InlineData(
        "c0200abc",
        "PDE   1     ",
        "result      physical 0000200abc, 2-MiB page U=0 W=1 XD=1 G=1 D=1 PAT=0 PCD=0 PWT=0; by a walk of the tables\n")]
    [InlineData(
        "c0200abc --access x",
        "PDE   1     ",
        "because     PDE: XD = 1, and a fetch needs 0 at every level [SDM 3, 4.6.1]\n")]
    [InlineData(
        "c0200abc --user --access w",
        "error code 07: P=1 W/R=1 U/S=1 RSVD=0 I/D=0; by a walk of the tables\n",
        "because     PDE: U/S = 0, and a user access needs 1 at every level [SDM 3, 4.6.1]\n")]
    [InlineData(
        "400000",
        "PDE   2     00030f0010  0000000000000000  0  -   -   -   -  - - -   -  - -   -   -           - - -\n",
        "because     PDE: P = 0, and the other bits are not looked at [SDM 3, 4.4.2]\n")]
    [InlineData(
        "8049123 --access w",
        "because     PTE: R/W = 0, and with CR0.WP = 1 a supervisor write needs 1 at every level [SDM 3, 4.6.1]\n",
        "because     PTE: U/S = 1 at every level, and CR4.SMAP = 1 refuses supervisor data accesses to user-mode")]
    public void Explain_Address_ShowsEntryAndReason(string arguments, string entry, string reason)
    {
        CommandRun run = Explain(TestFiles.SmepSmapSnapshot, "0", arguments.Split(' '));

        Assert.Contains(entry, run.Output, StringComparison.Ordinal);
        Assert.Contains(reason, run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitStatus);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("3")]
    public void Explain_EachProcessor_HasItsOwnTables(string cpu)
    {
        string cr3 = cpu == "0" ? "04032000" : "0403a000";

        Assert.Contains($"CR3         {cr3}  ", Explain(TestFiles.PtiSnapshot, cpu, "c1000000").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Required argument 'LINEAR' missing for command: 'explain'.", "--cpu", "0")]
    [InlineData("Option '--cpu' is required.", "4000")]
    [InlineData("LINEAR is 'c000000g', not a hexadecimal address from 0 to ffffffff.", "--cpu", "0", "c000000g")]
    [InlineData("LINEAR is '100000000', not a hexadecimal address from 0 to ffffffff.", "--cpu", "0", "100000000")]
    [InlineData("LINEAR is '0x', not a hexadecimal address from 0 to ffffffff.", "--cpu", "0", "0x")]
    [InlineData("LINEAR is '-1', not a hexadecimal address from 0 to ffffffff.", "--cpu", "0", "-1")]
    [InlineData("LINEAR is '', not a hexadecimal address from 0 to ffffffff.", "--cpu", "0", "")]
    [InlineData("--cpu is 'one', not the number of a processor.", "--cpu", "one", "0")]
    [InlineData("--cpu is '-1', not the number of a processor.", "--cpu", "-1", "0")]
    [InlineData("--access is 'rw', not r, w or x.", "--cpu", "0", "0", "--access", "rw")]
    [InlineData("Unrecognized command or option '--kernel'.", "--cpu", "0", "0", "--kernel")]
    public void Explain_BadArguments_AreRefused(string message, params string[] args) =>
        CommandRun.Of(["explain", "--snapshot", TestFiles.SmepSmapSnapshot, .. args])
            .AssertRefused($"{message} Try 'paelab --help'.");

    [Theory]
    [InlineData("Option '--snapshot' is required.", "explain", "--cpu", "0", "0")]
    [InlineData("--snapshot is empty.", "explain", "--snapshot", "", "--cpu", "0", "0")]
    public void Explain_NoSnapshot_IsRefused(string message, params string[] args) =>
        CommandRun.Of(args).AssertRefused($"{message} Try 'paelab --help'.");

    [Fact]
    public void Explain_UnknownCpu_ListsThoseThereAre() =>
        Explain(TestFiles.SmepSmapSnapshot, "2", "0").AssertRefused(
            $"{Path.Combine(TestFiles.SmepSmapSnapshot, "machine.json")}: there is no cpu 2; there are: 0, 1");

    [Fact]
    public void Explain_NoSuchDirectory_IsRefused() =>
        Explain(_files.InRoot("absent"), "0", "0").AssertRefused($"{_files.InRoot("absent")}: no such directory");

    [Fact]
    public void Explain_MappingsMissing_AreNotNeeded()
    {
        _files.CopySnapshot(TestFiles.SmepSmapSnapshot);
        File.Delete(_files.InRoot("mappings-cpu0.csv.gz"));

        Assert.Equal(0, Explain(_files.Root, "0", "0").ExitStatus);
    }

    [Fact]
    public void Explain_PagingOff_SaysSo()
    {
        _files.CopySnapshot(TestFiles.SmepSmapSnapshot);
        _files.WriteText("machine.json", """
            {"maxphyaddr":40,"cpus":[{"cpu":0,"cr0":"0x33","cr3":"0x0","cr4":"0x0","efer":"0x0"}]}
            """);

        CommandRun run = Explain(_files.Root, "0", "1234");

        Assert.Contains("result      physical 0000001234; no translation\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("hint        CR0.PG = 0: ", run.Output, StringComparison.Ordinal);
    }

    private static CommandRun Explain(string snapshot, string cpu, params string[] rest) =>
        CommandRun.Of(["explain", "--snapshot", snapshot, "--cpu", cpu, .. rest]);
}
