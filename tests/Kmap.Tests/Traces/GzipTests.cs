using X86Pae.Kmap.Traces;

namespace X86Pae.Kmap.Tests.Traces;

public sealed class GzipTests
{
    private const int Lines = 300;

    private static readonly string Text = Recording.Sample(Lines);
    private static readonly byte[] Compressed = Recording.Gzip(Text);

    [Fact]
    public void TryRead_CompressedOrPlain_GivesTheSameEvents()
    {
        List<TraceEvent> events = Recording.ReadAll(Recording.Open(Compressed));

        Assert.Equal(Lines, events.Count);
        Assert.Equal(Recording.ReadAll(Recording.Open(Text)), events);
    }

    // From the header to the eight bytes of the trailer: nothing shorter than the file may pass for a whole recording.
    [Fact]
    public void TryRead_FileCutAnywhere_Throws()
    {
        Assert.All(Enumerable.Range(0, Compressed.Length), length => AssertFails(Compressed[..length]));
    }

    [Fact]
    public void TryRead_FileInPiecesCutAnywhere_Throws()
    {
        Assert.All(
            Enumerable.Range(0, Compressed.Length),
            length => Assert.Throws<TraceFormatException>(
                () => Recording.ReadAll(FtraceReader.Open(new SlowStream(Compressed[..length], most: 7), Recording.Name))));
    }

    // The text of a cut file mostly ends within a line. That this line makes no sense is not the news.
    [Fact]
    public void TryRead_FileCutInHalf_SaysTruncatedAtTheLineThatBreaksOff()
    {
        TraceFormatException e = AssertFails(Compressed[..(Compressed.Length / 2)]);

        Assert.Contains("truncated", e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Line, Lines / 4, Lines * 3 / 4);
    }

    [Fact]
    public void TryRead_FileCutInTheTrailer_SaysTruncatedAfterTheLastLine()
    {
        int lines = Text.Count(c => c == '\n');

        Assert.All(
            Enumerable.Range(1, 8),
            missing =>
            {
                TraceFormatException e = AssertFails(Compressed[..^missing]);
                Assert.Contains("truncated", e.Message, StringComparison.Ordinal);
                Assert.Equal(lines + 1, e.Line);
            });
    }

    // Bytes 3 to 9 of the header are flags, time and system, which do not all matter to the text.
    [Fact]
    public void TryRead_AnyByteOfTheDataDamaged_Throws()
    {
        Assert.All(
            Enumerable.Range(10, Compressed.Length - 10),
            at =>
            {
                byte[] damaged = [.. Compressed];
                damaged[at] ^= 0x10;
                AssertFails(damaged);
            });
    }

    [Fact]
    public void TryRead_ChecksumDamaged_SaysCorrupt()
    {
        byte[] damaged = [.. Compressed];
        damaged[^8] ^= 1;

        Assert.Contains("corrupt", AssertFails(damaged).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_OtherDataAppended_Throws()
    {
        AssertFails([.. Compressed, 0]);
        AssertFails([.. Compressed, .. Compressed]);
        AssertFails([.. Compressed, .. Compressed[..5]]);
    }

    [Fact]
    public void Open_EmptyTextCompressed_Throws()
    {
        Assert.Equal(0, AssertFails(Recording.Gzip("")).Line);
    }

    private static TraceFormatException AssertFails(byte[] bytes) =>
        Assert.Throws<TraceFormatException>(() => Recording.ReadAll(Recording.Open(bytes)));
}
