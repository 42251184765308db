using System.Diagnostics;

namespace X86Pae.Cli.Tests.Commands;

/// <summary>What the FILE of an output option may be, and what becomes of it; the same for every command.</summary>
public sealed class OutputPathTests : IDisposable
{
    private static readonly string Trace = Path.Combine(TestFiles.Data, "memory", "linux-6.1-686pae-2cpu-part.memtrace.gz");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("--json", "compare")]
    [InlineData("--json", "validate")]
    [InlineData("--json", "smt", "--cpu", "zen1")]
    [InlineData("--json", "memtrace", "trace")]
    [InlineData("--json", "shootdown")]
    [InlineData("--svg", "shootdown")]
    [InlineData("--cpu-file", "compare")]
    [InlineData("--cpu-file", "cpus")]
    [InlineData("--snapshot", "explain", "--cpu", "0", "0")]
    public void PathOption_Empty_IsRefused(string option, params string[] command) =>
        CommandRun.Of([.. command, option, string.Empty]).AssertRefused($"{option} is empty. Try 'paelab --help'.");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Output_IsTheInput_IsRefusedAndLeavesIt(bool throughLink)
    {
        byte[] recorded = File.ReadAllBytes(Trace);
        string input = _files.WriteBytes("trace.gz", recorded);
        string output = throughLink ? Link("link", "trace.gz") : Path.Combine(_files.Root, ".", "trace.gz");

        CommandRun.Of("memtrace", input, "--json", output)
            .AssertRefused($"--json would replace what FILE reads: {output}. Try 'paelab --help'.");

        Assert.Equal(recorded, File.ReadAllBytes(input));
    }

    [Fact]
    public void Output_IsTheRecordingOfCompare_IsRefused()
    {
        string input = _files.WriteText("recording", TestFiles.Lines(TestFiles.ForkRecording)[..3000]);

        CommandRun.Of("compare", input, "--json", input)
            .AssertRefused($"--json would replace what TRACE reads: {input}. Try 'paelab --help'.");
    }

    [Fact]
    public void Output_IsTheModelFile_IsRefused()
    {
        string model = _files.WriteText("mine.json", TestFiles.ModelText("core-duo"));

        CommandRun.Of("shootdown", "--cpu-file", model, "--json", model)
            .AssertRefused($"--json would replace what --cpu-file reads: {model}. Try 'paelab --help'.");
    }

    [Fact]
    public void Outputs_SamePath_AreRefused()
    {
        string path = _files.InRoot("same");

        CommandRun.Of("shootdown", "--json", path, "--svg", path)
            .AssertRefused($"--json and --svg are the same file: {path}. Try 'paelab --help'.");

        Assert.Empty(Directory.GetFileSystemEntries(_files.Root));
    }

    [Fact]
    public void Outputs_OneCannotBeWritten_LeavesTheOtherAsItWas()
    {
        string written = _files.WriteText("a.json", "before");
        string path = Path.Combine(_files.InRoot("none"), "b.svg");

        CommandRun.Of("shootdown", "--json", written, "--svg", path).AssertRefused($"{path}: cannot be written: no such directory");

        Assert.Equal("before\n", File.ReadAllText(written));
        Assert.Single(Directory.GetFileSystemEntries(_files.Root));
    }

    [Fact]
    public void Output_Directory_IsRefused() =>
        CommandRun.Of("shootdown", "--json", _files.Root).AssertRefused($"{_files.Root}: cannot be written: is a directory");

    [Fact]
    public void Output_FileNamedPartialBesideIt_IsLeftAlone()
    {
        string mine = _files.WriteText("figures.json.partial", "mine");
        string path = _files.InRoot("figures.json");

        Assert.Equal(0, CommandRun.Of("shootdown", "--json", path).ExitStatus);

        Assert.Equal("mine\n", File.ReadAllText(mine));
        Assert.Equal([path, mine], Directory.GetFileSystemEntries(_files.Root).Order(StringComparer.Ordinal));
    }

    // Relative to the link's directory, which is not the working directory.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Output_SymbolicLink_IsWrittenThrough(bool exists)
    {
        string target = _files.InRoot("target.json");
        if (exists)
        {
            File.WriteAllText(target, "before");
        }

        string link = Link("link.json", "target.json");

        Assert.Equal(0, CommandRun.Of("shootdown", "--json", link).ExitStatus);

        Assert.Equal("target.json", new FileInfo(link).LinkTarget);
        Assert.StartsWith("{", File.ReadAllText(target), StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFileSystemEntries(_files.Root).Length);
    }

    [Fact]
    public void Output_SymbolicLinkToItself_IsRefused()
    {
        string link = Link("link.json", "link.json");

        CommandRun run = CommandRun.Of("shootdown", "--json", link);

        Assert.StartsWith($"paelab: {link}: cannot be written: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.ExitStatus);
    }

    // A reader at the other end gets the text, and the pipe stays one.
    [Fact]
    public async Task Output_Pipe_IsWrittenToDirectly()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // has no pipes among its files
        }

        string pipe = _files.InRoot("pipe");
        Assert.Equal(0, await ExitStatusOf("mkfifo", pipe));
        var reading = Task.Run(() => File.ReadAllText(pipe));

        CommandRun run = await Task.Run(() => CommandRun.Of("shootdown", "--json", pipe)).WaitAsync(Patience);

        Assert.Equal((0, string.Empty), (run.ExitStatus, run.Error));
        Assert.Equal(0, await ExitStatusOf("test", "-p", pipe));
        Assert.StartsWith("{", await reading.WaitAsync(Patience), StringComparison.Ordinal);
    }

    [Fact]
    public void Output_ExistingFile_KeepsItsPermissions()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        string path = _files.WriteText("figures.json", "before");
        File.SetUnixFileMode(path, Private);

        Assert.Equal(0, CommandRun.Of("shootdown", "--json", path).ExitStatus);

        Assert.StartsWith("{", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal(Private, File.GetUnixFileMode(path));
    }

    private static async Task<int> ExitStatusOf(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private string Link(string name, string target)
    {
        string link = _files.InRoot(name);
        File.CreateSymbolicLink(link, target);
        return link;
    }
}
