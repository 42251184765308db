using BenchmarkDotNet.Attributes;
using X86Pae.Bench.HotPaths;
using X86Pae.Memory;
using X86Pae.Timing;

namespace X86Pae.Bench.Embedding;

/// <summary>Timed hits of a first level that is one set: the five models that have such a level, each with all of its ways in use.</summary>
[BenchmarkCategory("Embedding")]
public class EmbeddingAssociativeBenchmarks
{
    private readonly uint[] _held = AddressStream.Create(GuestTables.LinearStart, GuestTables.HeldPages);
    private readonly uint[] _pages32 = AddressStream.Create(GuestTables.LinearStart, 32);
    private readonly uint[] _pages48 = AddressStream.Create(GuestTables.LinearStart, 48);
    private readonly uint[] _pages64 = AddressStream.Create(GuestTables.LinearStart, 64);
    private readonly DirectMappedTlb _floor = new(GuestTables.LinearStart, GuestTables.FramesStart);
    private readonly Mmu<RamBus, CycleTiming> _northwood = EmbeddingTimedBenchmarks.Create("pentium4-northwood");
    private readonly Mmu<RamBus, CycleTiming> _prescott = EmbeddingTimedBenchmarks.Create("pentium4-prescott");
    private readonly Mmu<RamBus, CycleTiming> _k8 = EmbeddingTimedBenchmarks.Create("k8-manchester");
    private readonly Mmu<RamBus, CycleTiming> _k10 = EmbeddingTimedBenchmarks.Create("k10-thuban");
    private readonly Mmu<RamBus, CycleTiming> _zen = EmbeddingTimedBenchmarks.Create("zen1");

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong Lookup() => _floor.TranslateAll(_held);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong Northwood() => MmuLoops.TranslateAll(_northwood, _pages64);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong Prescott() => MmuLoops.TranslateAll(_prescott, _pages64);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong K8() => MmuLoops.TranslateAll(_k8, _pages32);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong K10() => MmuLoops.TranslateAll(_k10, _pages48);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong Zen() => MmuLoops.TranslateAll(_zen, _pages64);
}
