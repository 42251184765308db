using System.Buffers.Binary;
using System.IO.Compression;
using X86Pae.Lab.AddressTraces;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Experiments;

// The replay against the naive one, on a part of a recording and on generated traces; and its rules one by one.
public sealed class AddressTraceReplayTests
{
    public static TheoryData<string> Models =>
        ["core2-conroe", "core-duo", "nehalem-lynnfield", "skylake", "pentium4-prescott", "k8-manchester", "zen1"];

    [Theory]
    [MemberData(nameof(Models))]
    public void Run_PartOfARecording_CountsAsTheNaiveReplay(string model) => AssertSame(Recording(), CpuModels.Find(model)!);

    [Theory]
    [MemberData(nameof(Models))]
    public void Run_GeneratedTrace_CountsAsTheNaiveReplay(string model) =>
        AssertSame(Generate(new Random(model.Length), records: 12_000), CpuModels.Find(model)!);

    [Fact]
    public void Run_FrameThatChanges_IsUsedFromThereOn()
    {
        CpuModel model = CpuModels.CoreDuo;
        TracedCounts counts = Replay(
            model,
            Record(AddressRecordKind.Load, 0x1000, frame: 0x100),
            Record(AddressRecordKind.Load, 0x1000, frame: 0x100),
            Record(AddressRecordKind.Load, 0x1000, frame: 0x200),
            Record(AddressRecordKind.Fetch, 0x1000))[0];

        Assert.Equal((1, 1, 3), (counts.PagesMapped, counts.FramesChanged, counts.Events.Walks));
        Assert.Equal((2 * model.Dram.Value) + model.L1.LoadToUse.Value, counts.DataCycles);
    }

    [Fact]
    public void Run_SamePageOnTwoCpus_HasTablesAndFramesOfItsOwn()
    {
        IReadOnlyDictionary<int, TracedCounts> counts = Replay(
            CpuModels.CoreDuo,
            Record(AddressRecordKind.Store, 0x1000, frame: 0x100, cpu: 3),
            Record(AddressRecordKind.Store, 0x1000, frame: 0x200, cpu: 31),
            Record(AddressRecordKind.Store, 0x1000, frame: 0x100, cpu: 3));

        Assert.Equal([3, 31], counts.Keys.Order());
        Assert.All(counts.Values, of => Assert.Equal((1, 0, 1), (of.PagesMapped, of.FramesChanged, of.Events.Walks)));
    }

    [Theory]
    [InlineData(AddressRecordKind.MovCr3, 0x1000, 1)]
    [InlineData(AddressRecordKind.MovCr3, 0xC000_1000, 0)]
    [InlineData(AddressRecordKind.MovCr4, 0x1000, 1)]
    [InlineData(AddressRecordKind.MovCr4, 0xC000_1000, 1)]
    [InlineData(AddressRecordKind.Invlpg, 0x1000, 0)]
    public void Run_Mark_DropsWhatItsInstructionWould(AddressRecordKind mark, uint linear, long walksAfter)
    {
        TracedCounts counts = Replay(
            CpuModels.CoreDuo,
            Record(AddressRecordKind.Load, linear, frame: 0x100),
            Record(mark, 0),
            Record(AddressRecordKind.Load, linear, frame: 0x100))[0];

        Assert.Equal(1 + walksAfter, counts.Events.Walks);
        Assert.Equal(1, counts.Events.Invlpgs + counts.Events.Cr3Writes + counts.Events.Cr4Writes);
        Assert.True(counts.FlushCycles > 0);
    }

    [Fact]
    public void Read_BytesThatAreNoWholeRecord_NamesTheRecord()
    {
        byte[] bytes = [.. BitConverter.GetBytes(Record(AddressRecordKind.Load, 0, 1)), 1, 2, 3];

        InvalidDataException e = Assert.Throws<InvalidDataException>(() => AddressTrace.Read(new MemoryStream(bytes)));
        Assert.Equal("record 2: the trace ends after 3 of its 8 bytes", e.Message);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public void Read_UnknownKind_NamesTheRecord(int kind)
    {
        byte[] bytes = Bytes(Record(AddressRecordKind.Load, 0, 1), Record((AddressRecordKind)kind, 0));

        InvalidDataException e = Assert.Throws<InvalidDataException>(() => AddressTrace.Read(new MemoryStream(bytes)));
        Assert.Equal($"record 2: there is no kind {kind}", e.Message);
    }

    [Fact]
    public void Read_Nothing_IsRefused() =>
        Assert.Throws<InvalidDataException>(() => AddressTrace.Read(new MemoryStream([])));

    private static void AssertSame(byte[] trace, CpuModel model)
    {
        var replay = new AddressTraceReplay(AddressTrace.Read(new MemoryStream(trace)), model);
        replay.Run();
        IReadOnlyDictionary<int, TracedCounts> counts = replay.Collect();
        var naive = new NaiveMemtrace(trace, model);
        Assert.Equal(naive.Results.Select(result => result.Cpu), counts.Keys.Order());
        foreach ((int cpu, NaiveMemtraceCounts expected) in naive.Results)
        {
            TracedCounts actual = counts[cpu];
            EventCounts events = actual.Events;
            (string Name, long Value)[] values =
            [
                ("fetches", actual.Fetches),
                ("loads", actual.Loads),
                ("stores", actual.Stores),
                ("pagesMapped", actual.PagesMapped),
                ("framesChanged", actual.FramesChanged),
                ("loadLevelMisses", events.LoadLevelMisses),
                ("firstLevelMisses", events.FirstLevelMisses),
                ("secondLevelHits", events.SecondLevelHits),
                ("walks", events.Walks),
                ("walksFromPdeCache", actual.WalksFromPdeCache),
                ("tableLoadsFromL1", events.TableLoadsFromL1),
                ("tableLoadsFromL2", events.TableLoadsFromL2),
                ("tableLoadsFromL3", events.TableLoadsFromL3),
                ("tableLoadsFromMemory", events.TableLoadsFromMemory),
                ("invlpg", events.Invlpgs),
                ("movCr3", events.Cr3Writes),
                ("movCr4", events.Cr4Writes),
                ("dataCycles", actual.DataCycles),
                ("refillCycles", actual.RefillCycles),
                ("flushCycles", actual.FlushCycles),
            ];
            Assert.Equal(values.Select(value => (value.Name, expected[value.Name])), values);
            Assert.Equal(actual.DataCycles + actual.RefillCycles + actual.FlushCycles, actual.Cycles);
            Assert.Equal(actual.Accesses, events.Translations);
            Assert.True(events.Walks > 0);
        }
    }

    private static byte[] Recording()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "data", "memory", "linux-6.1-686pae-2cpu-part.memtrace.gz");
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Four CPUs, pages near and far, frames that change or are not known, and marks of every kind.</summary>
    private static byte[] Generate(Random random, int records)
    {
        var trace = new ulong[records];
        for (int i = 0; i < records; i++)
        {
            AddressRecordKind kind = random.Next(200) == 0
                ? (AddressRecordKind)random.Next(3, 6)
                : (AddressRecordKind)random.Next(3);
            uint page = random.Next(3) == 0 ? (uint)random.Next(1 << 20) & 0xF_C00F : (uint)random.Next(24) * 0x7_5A31 % 0x10_0000;
            bool known = kind is AddressRecordKind.Load or AddressRecordKind.Store && random.Next(20) != 0;
            uint frame = known ? 2 + (page % 4099 * 3) + (random.Next(50) == 0 ? 1u : 0) : AddressRecord.UnknownFrame;
            bool isMark = kind > AddressRecordKind.Store;
            trace[i] = Record(kind, isMark ? 0 : (page << 12) | (uint)random.Next(4096), frame, random.Next(4));
        }

        return Bytes(trace);
    }

    private static IReadOnlyDictionary<int, TracedCounts> Replay(CpuModel model, params ulong[] records)
    {
        var replay = new AddressTraceReplay(AddressTrace.Read(new MemoryStream(Bytes(records))), model);
        replay.Run();
        return replay.Collect();
    }

    private static ulong Record(AddressRecordKind kind, uint linear, uint frame = AddressRecord.UnknownFrame, int cpu = 0) =>
        ((ulong)cpu << 59) | ((ulong)kind << 56) | ((ulong)frame << 32) | linear;

    private static byte[] Bytes(params ulong[] records)
    {
        byte[] bytes = new byte[records.Length * sizeof(ulong)];
        for (int i = 0; i < records.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)), records[i]);
        }

        return bytes;
    }
}
