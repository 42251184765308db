using System.IO.Compression;
using System.Text;
using X86Pae.GuestRunner.Running;
using static Iced.Intel.AssemblerRegisters;

namespace X86Pae.GuestRunner.Tests.Running;

public sealed class RunCommandTests : IDisposable
{
    private static readonly string Recorded = Path.Combine(AppContext.BaseDirectory, "data", "guest");

    private readonly string _folder = Directory.CreateTempSubdirectory("guestrunner-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void RecordedProgram_PrintsWhatTheEmulatorsAgreedOn()
    {
        (int status, string output, string error) = Run(
            Path.Combine(Recorded, "pagefuzz-11.bin"), "--expect", Path.Combine(Recorded, "pagefuzz-11.expected.gz"));

        Assert.Equal(0, status);
        Assert.Contains("5,003 lines as expected", error, StringComparison.Ordinal);
        Assert.Equal(Decompress("pagefuzz-11.expected.gz"), output);
    }

    // 352 instructions, each with ten sets of operands: results and defined flags as a processor computed them.
    [Fact]
    public void RecordedInstructions_ComputeWhatAProcessorDid()
    {
        (int status, _, string error) = Run(
            Path.Combine(Recorded, "instructions.bin"), "--expect", Path.Combine(Recorded, "instructions.expected.gz"));

        Assert.Equal(0, status);
        Assert.Contains("3,520 lines as expected", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("core-duo")]
    [InlineData("stale")]
    public void RecordedProgram_WithOtherTranslationCaches_PrintsTheSame(string tlb)
    {
        (int status, string output, string error) = Run(
            Path.Combine(Recorded, "pagefuzz-11.bin"), "--tlb", tlb, "--limit", "6000000");

        Assert.Equal(1, status);
        Assert.Contains("not done after 6,000,000 instructions", error, StringComparison.Ordinal);
        Assert.StartsWith(output, Decompress("pagefuzz-11.expected.gz"), StringComparison.Ordinal);
        Assert.True(output.Count(character => character == '\n') > 100);
    }

    [Fact]
    public void ExpectedOutput_WithOneOtherCharacter_IsNamedAndEndsTheRun()
    {
        string[] lines = Decompress("pagefuzz-11.expected.gz").Split('\n');
        string right = lines[41];
        lines[41] = right.Replace('|', '!');

        (int status, string output, string error) = Run(
            Path.Combine(Recorded, "pagefuzz-11.bin"), "--expect", Write("expected", string.Join('\n', lines)));

        Assert.Equal(1, status);
        Assert.Contains($"line 42 differs\n  expected: {lines[41]}\n  actual:   {right}\n", error, StringComparison.Ordinal);
        Assert.Equal(42, output.Count(character => character == '\n'));
    }

    [Theory]
    [InlineData("ab\n", "ab\n", 0, "1 lines as expected")]
    [InlineData("ab", "ab\n", 0, "1 lines as expected")]
    [InlineData("ab\n", "ab\ncd\n", 1, "line 2 differs\n  expected: cd\n  actual:   (end of output)")]
    [InlineData("ab\ncd", "ab\n", 1, "line 2 differs\n  expected: (end of output)\n  actual:   cd")]
    [InlineData("", "", 0, "0 lines as expected")]
    public void ExpectedOutput_IsComparedToItsEnd(string printed, string expected, int status, string message)
    {
        (int actual, string output, string error) = Run(Print(printed), "--expect", Write("expected", expected));

        Assert.Equal((status, printed), (actual, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void EndlessLoop_IsGivenUpAtTheLimit()
    {
        (int status, _, string error) = Run(Write("loop", [0xEB, 0xFE]), "--limit", "1000");

        Assert.Equal(1, status);
        Assert.StartsWith("guestrunner: the program is not done after 1,000 instructions\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TripleFault_EndsTheRunWithAMessage()
    {
        (int status, _, string error) = Run(Write("ud", [0x0F, 0x0B]));

        Assert.Equal(1, status);
        Assert.StartsWith("guestrunner: triple fault at EIP 00010000h", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Halt_WithoutTheExitPort_IsNotSuccess() => Assert.Equal(1, Run(Write("hlt", [0xF4])).Status);

    [Fact]
    public void ImageThatIsMissingEmptyOrTooLarge_IsRefused()
    {
        AssertRefused(Run(Path.Combine(_folder, "absent")), "no such file");
        AssertRefused(Run(_folder), "is a directory");
        AssertRefused(Run(Write("empty", [])), "the image is empty");
        AssertRefused(Run(Write("large", new byte[(1 << 20) - 0xFFFF]), "--memory", "1"), "983,041 bytes, and the memory room for 983,040");
    }

    [Theory]
    [InlineData("--memory", "0", "--memory is '0', not a number of MiB from 1 to 1048576.")]
    [InlineData("--memory", "x", "--memory is 'x', not a number of MiB from 1 to 1048576.")]
    [InlineData("--limit", "-1", "--limit is '-1', not a number from 1 on.")]
    [InlineData("--tlb", "big", "--tlb is 'big', not host, none, core-duo or stale.")]
    [InlineData("--unknown", "1", "'--unknown'")]
    public void BadOption_IsRefused(string option, string value, string message) =>
        AssertRefused(Run(Print("x"), option, value), message);

    [Fact]
    public void ExpectedFileThatIsCutOff_IsRefused()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(Recorded, "pagefuzz-11.expected.gz"));

        AssertRefused(Run(Print("x"), "--expect", Write("cut.gz", whole[..60_000])), "cut.gz");
    }

    private static void AssertRefused((int Status, string Output, string Error) run, string message)
    {
        Assert.Equal((2, ""), (run.Status, run.Output));
        Assert.StartsWith("guestrunner: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(character => character == '\n'));
    }

    private static (int Status, string Output, string Error) Run(params string[] args)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        int status = RunCommand.Run(args, output, error);
        return (status, Encoding.Latin1.GetString(output.ToArray()), error.ToString());
    }

    private static string Decompress(string name)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(Recorded, name)), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }

    /// <summary>A program that prints a text and ends.</summary>
    private string Print(string text) => Write("program", Program.Assemble(a =>
    {
        foreach (char character in text)
        {
            a.mov(al, (byte)character);
            a.@out(0xE9, al);
        }

        a.@out(0xF4, al);
    }));

    private string Write(string name, string content) => Write(name, Encoding.Latin1.GetBytes(content));

    private string Write(string name, byte[] content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
