
namespace X86Pae.Cli.Tests.Commands;

public sealed class CheckWalksCommandTests : IDisposable
{
    private const string Head = "# maxphyaddr=40 nx=1 smep=0 smap=0 seed=1";
    private const string Columns =
        "case,cr0_wp,cr4_smep,cr4_smap,efer_nxe,cr4_pge,eflags_ac,linear,access,mode,pdpte,pde,pte,next_pte,"
        + "outcome,error_code,cr2,frame,pdpte_after,pde_after,pte_after,next_pte_after";

    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void CheckWalks_RecordedVectors_Pass()
    {
        CommandRun run = CommandRun.Of("check-walks", TestFiles.NxWalks, TestFiles.PlainWalks, TestFiles.SmepSmapWalks);

        Assert.Equal("59872 passed, 0 failed", run.LastLine);
        Assert.Equal(0, run.ExitStatus);
        Assert.Empty(run.Error);
    }

    [Theory]
    [InlineData("linear", "00003000", "cr2")]
    [InlineData("outcome", "ok", "outcome")]
    [InlineData("error_code", "4", "error_code")]
    [InlineData("cr2", "b5872525", "cr2")]
    [InlineData("pde_after", "8000000000103a05", "pde")]
    [InlineData("pte_after", "000000000200b8ff", "pte")]
    public void CheckWalks_OneFieldAltered_FailsAtThatCase(string column, string value, string difference)
    {
        string[] lines = [.. TestFiles.Lines(TestFiles.NxWalks).Take(42)];
        string[] fields = lines[2].Split(',');
        fields[Array.IndexOf(Columns.Split(','), column)] = value;
        lines[2] = string.Join(',', fields);
        string path = _files.WriteGzip("altered.csv.gz", lines);

        CommandRun run = CommandRun.Of("check-walks", path);

        Assert.Equal("39 passed, 1 failed", run.LastLine);
        Assert.Equal(1, run.ExitStatus);
        Assert.StartsWith($"FAILED {path}:3: case 0\n", run.Output, StringComparison.Ordinal);
        Assert.NotEqual(Value(run, "expected", difference), Value(run, "actual", difference));
    }

    [Fact]
    public void CheckWalks_RecordedFrameAltered_FailsAtThatCase()
    {
        string[] lines = [.. TestFiles.Lines(TestFiles.NxWalks).Take(4)];
        lines[3] = lines[3].Replace(",2612000,", ",2613000,", StringComparison.Ordinal);
        string path = _files.WriteText("altered.csv", lines);

        CommandRun run = CommandRun.Of("check-walks", path);

        Assert.Equal("1 passed, 1 failed", run.LastLine);
        Assert.Equal("2613000", Value(run, "expected", "frame"));
        Assert.Equal("2612000", Value(run, "actual", "frame"));
    }

    // A user store to FFFh of a page whose follower is absent: A and D of the first page are set, and CR2 is the first byte of
    // the second one.
    [Fact]
    public void CheckWalks_StoreCrossesIntoAbsentPage_FaultsThereAndWritesNothing()
    {
        string path = _files.WriteText(
            "crossing.csv",
            Head,
            Columns,
            "7,1,0,0,0,0,0,40005fff,w,u,102001,103027,103007,0,pf,6,40006000,,102001,103027,103067,0");

        Assert.Equal("1 passed, 0 failed", CommandRun.Of("check-walks", path).LastLine);
    }

    // The page is the page table itself, so the store changes a later entry; the next case must find it empty again.
    [Fact]
    public void CheckWalks_StoreIntoPageTable_DoesNotReachTheNextCase()
    {
        string path = _files.WriteText(
            "self.csv",
            Head,
            Columns,
            "1,1,0,0,0,0,0,40005038,w,u,102001,103027,103007,0,ok,0,0,,102001,103027,103067,0",
            "2,1,0,0,0,0,0,40007000,r,u,102001,103027,0,0,pf,4,40007000,,102001,103027,0,0");

        Assert.Equal("2 passed, 0 failed", CommandRun.Of("check-walks", path).LastLine);
    }

    [Theory]
    [InlineData("", "nonsense", ":1: expected '# maxphyaddr=M nx=0|1 smep=0|1 smap=0|1', with maxphyaddr from 32 to 52")]
    [InlineData("nx=1", "nx=2", ":1: expected '# maxphyaddr=M nx=0|1 smep=0|1 smap=0|1', with nx from 0 to 1")]
    [InlineData("maxphyaddr=40", "maxphyaddr=53",
        ":1: expected '# maxphyaddr=M nx=0|1 smep=0|1 smap=0|1', with maxphyaddr from 32 to 52")]
    [InlineData("next_pte,", "other,", ":2: column 'next_pte' is missing")]
    [InlineData("5a84b074", "5a84b07g", ":4: linear is '5a84b07g', not a hexadecimal number up to ffffffff")]
    [InlineData("5a84b074", "15a84b074", ":4: linear is '15a84b074', not a hexadecimal number up to ffffffff")]
    [InlineData("5a84b074,r,u", "5a84b074,q,u", ":4: access is 'q', not r, w or x")]
    [InlineData("5a84b074,r,u", "5a84b074,r,k", ":4: mode is 'k', not u or s")]
    [InlineData("\n1,1,0,", "\n1,2,0,", ":4: cr0_wp is '2', not 0 or 1")]
    [InlineData("\n1,1,0,", "\none,1,0,", ":4: case is 'one', not a number")]
    [InlineData("\n1,1,0,", "\n1,1,1,", ":4: cr4_smep is 1, but line 1 says smep=0")]
    [InlineData("\n1,1,0,", "\n1,1,", ":4: the line has 21 fields, the line of column names 22")]
    [InlineData("\n1,1,0,", "\n1,1,0,0,", ":4: the line has more than the 22 fields of the line of column names")]
    [InlineData(",ok,0,", ",fine,0,", ":4: outcome is 'fine', not ok, pf or gp")]
    [InlineData("5a84b074,r,u,0000000000102619,0000000000103427,0000000002612f8f,0000000000000000", "5a9ff074,r,u,1,1,1,1",
        ":4: next_pte has no place: pte is the last entry of its table")]
    public void CheckWalks_MalformedFile_IsRefusedAtThatLine(string original, string altered, string message)
    {
        string text = string.Join('\n', TestFiles.Lines(TestFiles.NxWalks).Take(5));
        string path = _files.WriteText(
            "malformed.csv", original.Length == 0 ? altered : text.Replace(original, altered, StringComparison.Ordinal));

        CommandRun.Of("check-walks", path).AssertRefused(path + message);
    }

    [Theory]
    [InlineData(0, ":1: the file ends where the features of the processor should stand")]
    [InlineData(1, ":2: the file ends where the line of column names should stand")]
    [InlineData(2, ": the file has no cases")]
    public void CheckWalks_FileWithoutCases_IsRefused(int lines, string message)
    {
        string path = _files.WriteText("short.csv", TestFiles.Lines(TestFiles.NxWalks).Take(lines));

        CommandRun.Of("check-walks", path).AssertRefused(path + message);
    }

    [Fact]
    public void CheckWalks_TruncatedGzip_IsRefused()
    {
        string path = _files.WriteBytes("cut.csv.gz", File.ReadAllBytes(TestFiles.NxWalks)[..400_000]);

        CommandRun.Of("check-walks", path).AssertRefused($"{path}: the gzip data is truncated, or something follows it");
    }

    private static string Value(CommandRun run, string row, string name) =>
        run.Output.Split('\n').First(line => line.StartsWith($"  {row}:", StringComparison.Ordinal))
            .Split(' ').First(field => field.StartsWith($"{name}=", StringComparison.Ordinal))[(name.Length + 1)..];
}
