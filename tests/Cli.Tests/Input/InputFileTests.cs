using System.IO.Compression;
using System.Text;
using X86Pae.Cli.Input;

namespace X86Pae.Cli.Tests.Input;

public sealed class InputFileTests : IDisposable
{
    private const string Text = "a line of text\n";

    private readonly TestFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("\u001f")]
    [InlineData(Text)]
    public void Read_PlainFile_GivesItsBytesWhateverItsName(string text) =>
        Assert.Equal(text, ReadAll(_files.WriteBytes("plain.gz", Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void Read_GzipFile_GivesTheTextWhateverItsName() =>
        Assert.Equal(Text, ReadAll(_files.WriteBytes("text.csv", Gzip(Text))));

    [Fact]
    public void Read_EmptyTextInGzip_GivesNothing() =>
        Assert.Equal(string.Empty, ReadAll(_files.WriteBytes("empty", [.. Gzip("x")[..10], 3, 0, 0, 0, 0, 0, 0, 0, 0, 0])));

    [Fact]
    public void Read_GzipCutAnywhere_IsAnErrorThatNamesTheFile()
    {
        byte[] complete = Gzip(string.Concat(Enumerable.Range(0, 200).Select(i => $"{i * 7919},")));
        for (int length = 2; length < complete.Length; length++)
        {
            string path = _files.WriteBytes("cut", complete[..length]);

            var e = Assert.Throws<UserErrorException>(() => ReadAll(path));

            Assert.Equal($"{path}: the gzip data is truncated, or something follows it", e.Message);
        }
    }

    [Fact]
    public void Read_GzipWithWrongChecksum_IsAnErrorThatNamesTheFile()
    {
        byte[] content = Gzip(Text);
        content[^6] ^= 1;
        string path = _files.WriteBytes("corrupt", content);

        var e = Assert.Throws<UserErrorException>(() => ReadAll(path));

        Assert.Equal($"{path}: the gzip data is corrupt", e.Message);
    }

    [Fact]
    public void Open_NoSuchFile_IsAnErrorThatNamesIt()
    {
        string path = _files.InRoot("absent/file");

        Assert.Equal($"{path}: no such file", Assert.Throws<UserErrorException>(() => InputFile.Open(path)).Message);
    }

    [Fact]
    public void Open_Directory_IsAnErrorThatSaysSo()
    {
        var e = Assert.Throws<UserErrorException>(() => InputFile.Open(_files.Root));

        Assert.Equal($"{_files.Root}: is a directory", e.Message);
    }

    private static byte[] Gzip(string text)
    {
        using var stored = new MemoryStream();
        using (var gzip = new GZipStream(stored, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.ASCII.GetBytes(text));
        }

        return stored.ToArray();
    }

    private static string ReadAll(string path)
    {
        using var reader = new StreamReader(InputFile.Open(path));
        return reader.ReadToEnd();
    }
}
