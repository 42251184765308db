extern alias WithoutTiming;

using BenchmarkDotNet.Attributes;
using X86Pae.Bench.HotPaths;

namespace X86Pae.Bench.Embedding;

/// <summary>An MMU whose timing is switched off, against the library compiled from sources without any timing call.</summary>
[BenchmarkCategory("Embedding")]
public class EmbeddingUntimedBenchmarks
{
    private readonly UntimedLoop _switchedOff = new();
    private readonly WithoutTiming::X86Pae.Bench.Embedding.UntimedLoop _takenOut = new();

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint HitTakenOut() => _takenOut.Hit();

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint HitSwitchedOff() => _switchedOff.Hit();

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint MissTakenOut() => _takenOut.Miss();

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint MissSwitchedOff() => _switchedOff.Miss();
}
