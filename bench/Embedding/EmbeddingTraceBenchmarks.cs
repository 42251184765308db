using BenchmarkDotNet.Attributes;
using X86Pae.Lab.AddressTraces;
using X86Pae.Timing;

namespace X86Pae.Bench.Embedding;

/// <summary>Replay of recorded addresses with all counters, as `paelab memtrace` does it, over and over on the same machine.</summary>
/// <remarks>The first 20,000 records of a recording, which are more than a branch predictor learns; most hit the first level.</remarks>
[BenchmarkCategory("Embedding", "Trace")]
public class EmbeddingTraceBenchmarks
{
    private const int Records = 20_000;

    private AddressTraceReplay? _replay;

    [GlobalSetup]
    public void Read()
    {
        AddressTrace trace = RecordedAddresses.Read();
        if (trace.Records.Length != Records)
        {
            throw new InvalidDataException($"the trace has {trace.Records.Length} records, not {Records}");
        }

        _replay = new AddressTraceReplay(trace, CpuModels.Find("core2-conroe")!);
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void Replay() => _replay!.Run();
}
