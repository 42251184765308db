using BenchmarkDotNet.Attributes;
using X86Pae.Bench.HotPaths;
using X86Pae.Memory;
using X86Pae.Timing;

namespace X86Pae.Bench.Embedding;

/// <summary>What <see cref="EmbeddingTimedBenchmarks"/> measures, in pages of 2 MiB, or while such pages are held.</summary>
[BenchmarkCategory("Embedding")]
public class EmbeddingTimedLargeBenchmarks
{
    private readonly uint[] _held = AddressStream.Create(GuestTables.LinearStart, GuestTables.HeldPages);
    private readonly uint[] _second = AddressStream.Create(GuestTables.LinearStart, EmbeddingTimedBenchmarks.SecondLevelPages);
    private readonly uint[] _walked = AddressStream.Create(GuestTables.LinearStart, EmbeddingTimedBenchmarks.WalkedPages);
    private readonly uint[] _large =
        AddressStream.Create(GuestTables.LargeStart, GuestTables.HeldPages, GuestTables.LargePartDistance);

    private readonly uint[] _heldAndLarge;
    private readonly uint[] _secondAndLarge;
    private readonly DirectMappedTlb _floor = new(GuestTables.LinearStart, GuestTables.FramesStart);
    private readonly Mmu<RamBus, CycleTiming> _oneLevel = EmbeddingTimedBenchmarks.Create("core-duo");
    private readonly Mmu<RamBus, CycleTiming> _twoLevels = EmbeddingTimedBenchmarks.Create("nehalem-lynnfield");

    public EmbeddingTimedLargeBenchmarks()
    {
        _heldAndLarge = RecordedAddresses.Mix(_held, _large);
        _secondAndLarge = RecordedAddresses.Mix(_second, _large);

        // Both have room for all large pages beside the small ones: they are never evicted.
        MmuLoops.TranslateAll(_oneLevel, _large);
        MmuLoops.TranslateAll(_twoLevels, _large);
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong Lookup() => _floor.TranslateAll(_held);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong FirstLevelHit() => MmuLoops.TranslateAll(_oneLevel, _large);

    /// <summary>Pages of both sizes, in the order of the recorded address trace.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong FirstLevelHitBothSizes() => MmuLoops.TranslateAll(_oneLevel, _heldAndLarge);

    /// <summary>Small pages only, as without large ones.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong SecondLevelHit() => MmuLoops.TranslateAll(_twoLevels, _second);

    /// <summary>Pages of both sizes: the small ones hit the second level, the large ones the first.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong SecondLevelHitBothSizes() => MmuLoops.TranslateAll(_twoLevels, _secondAndLarge);

    /// <summary>Small pages only, as without large ones.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkFromPdeCache() => MmuLoops.TranslateAll(_oneLevel, _walked);
}
