using System.Text;
using X86Pae.Kmap.Traces;

namespace X86Pae.Kmap.Tests.Traces;

public sealed class FtraceReaderTests
{
    private static readonly string OneLine = Recording.Line("kmapped: (f+0x0/0x1) va=0xff001000");

    [Fact]
    public void CpuCount_HeaderWithIt_IsKnownAfterOpen()
    {
        using FtraceReader reader = Recording.Open(Recording.Header + OneLine);

        Assert.Equal((4, 0L), (reader.CpuCount, reader.EventCount));
    }

    [Fact]
    public void CpuCount_NoHeader_IsNull()
    {
        using FtraceReader reader = Recording.Open(OneLine);

        Assert.Null(reader.CpuCount);
    }

    [Theory]
    [InlineData("#P:0")]
    [InlineData("#P:")]
    [InlineData("#P:-4")]
    public void Open_HeaderWithoutUsableCpuCount_Throws(string count)
    {
        TraceFormatException e = Assert.Throws<TraceFormatException>(() => Recording.Open("# tracer: nop\n# " + count + "\n"));

        Assert.Equal(2, e.Line);
    }

    [Fact]
    public void Open_EmptyFile_ThrowsWithoutLine()
    {
        TraceFormatException e = Assert.Throws<TraceFormatException>(() => Recording.Open(""));

        Assert.Equal((Recording.Name, 0L, Recording.Name + ": the recording is empty"), (e.FileName, e.Line, e.Message));
    }

    [Fact]
    public void Open_FailingForAnyReason_DisposesTheStream()
    {
        var empty = new MemoryStream();

        Assert.Throws<TraceFormatException>(() => FtraceReader.Open(empty, Recording.Name));
        Assert.False(empty.CanRead);
    }

    [Fact]
    public void Dispose_OfReader_DisposesTheStream()
    {
        var stream = new MemoryStream(Encoding.ASCII.GetBytes(OneLine));
        FtraceReader reader = FtraceReader.Open(stream, Recording.Name);

        reader.Dispose();
        reader.Dispose();

        Assert.False(stream.CanRead);
        Assert.Throws<ObjectDisposedException>(() => reader.TryRead(out _));
    }

    [Fact]
    public void Open_MissingFileOrDirectory_ThrowsTheOrdinaryException()
    {
        string missing = TestData.PathOf("kmap", "missing");

        Assert.Throws<FileNotFoundException>(() => FtraceReader.Open(missing));
        Assert.Throws<DirectoryNotFoundException>(() => FtraceReader.Open(Path.Combine(missing, "file")));
        Assert.Throws<UnauthorizedAccessException>(() => FtraceReader.Open(Path.GetDirectoryName(missing)!));
    }

    [Fact]
    public void TryRead_HeaderOnly_HasNoEvents()
    {
        Assert.Empty(Recording.ReadAll(Recording.Open(Recording.Header)));
    }

    [Fact]
    public void TryRead_LastLineWithoutEnd_IsAnEvent()
    {
        Assert.Equal(0xff001000u, Recording.ReadOne(OneLine.TrimEnd()).Address);
    }

    [Fact]
    public void TryRead_LinesEndingInCrLf_AreTheSameEvents()
    {
        string text = Recording.Sample(50);

        Assert.Equal(
            Recording.ReadAll(Recording.Open(text)),
            Recording.ReadAll(Recording.Open(text.Replace("\n", "\r\n", StringComparison.Ordinal))));
    }

    [Fact]
    public void TryRead_AfterTheEnd_StaysAtTheEnd()
    {
        using FtraceReader reader = Recording.Open(OneLine);

        Assert.True(reader.TryRead(out _));
        Assert.False(reader.TryRead(out TraceEvent e));
        Assert.False(reader.TryRead(out e));
        Assert.Equal((default, 1L), (e, reader.EventCount));
    }

    [Fact]
    public void TryRead_TimeGoingBackwards_IsTolerated()
    {
        string text = Recording.Line("vunmap: va=0x1", "a-1 [000] ..... 2.000000: ")
            + Recording.Line("vunmap: va=0x1", "a-1 [000] ..... 1.000000: ");

        Assert.Equal([2_000_000L, 1_000_000L], Recording.ReadAll(Recording.Open(text)).Select(e => e.Microseconds));
    }

    [Fact]
    public void TryRead_EndlessLine_ThrowsInsteadOfGrowing()
    {
        TraceFormatException e = Recording.Fail(OneLine + new string('x', 100_000));

        Assert.Equal(2, e.Line);
        Assert.Contains("longer than", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    public void TryRead_StreamInSmallPieces_GivesTheSameEvents(int bytes)
    {
        string text = Recording.Sample(2000);
        List<TraceEvent> whole = Recording.ReadAll(Recording.Open(text));

        Assert.Equal(2000, whole.Count);
        Assert.Equal(whole, Recording.ReadAll(FtraceReader.Open(new SlowStream(Encoding.ASCII.GetBytes(text), bytes), "slow")));
        Assert.Equal(whole, Recording.ReadAll(FtraceReader.Open(new SlowStream(Recording.Gzip(text), bytes), "slow")));
    }

    [Fact]
    public void TryRead_ManyEvents_AllocatesNothing()
    {
        using FtraceReader reader = Recording.Open(Recording.Decompress("forkio-4cpu.ftrace.gz"));
        for (int i = 0; i < 20_000; i++)
        {
            reader.TryRead(out _);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        while (reader.TryRead(out _))
        {
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
        Assert.Equal(122_776, reader.EventCount);
    }
}
