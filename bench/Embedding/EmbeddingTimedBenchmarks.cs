using BenchmarkDotNet.Attributes;
using X86Pae.Bench.HotPaths;
using X86Pae.Memory;
using X86Pae.Timing;

namespace X86Pae.Bench.Embedding;

/// <summary>Timed translations with all counters, cycles and exact replacement, against a lookup in two arrays.</summary>
[BenchmarkCategory("Embedding")]
public class EmbeddingTimedBenchmarks
{
    internal const int SecondLevelPages = 512; // all that Nehalem's second level holds; one in eight is in the first as well
    internal const int WalkedPages = 4096; // eight directory entries, which are cached; one page in 32 is in the TLB

    private readonly uint[] _held = AddressStream.Create(GuestTables.LinearStart, GuestTables.HeldPages);
    private readonly uint[] _second = AddressStream.Create(GuestTables.LinearStart, SecondLevelPages);
    private readonly uint[] _walked = AddressStream.Create(GuestTables.LinearStart, WalkedPages);
    private readonly DirectMappedTlb _floor = new(GuestTables.LinearStart, GuestTables.FramesStart);
    private readonly Mmu<RamBus, CycleTiming> _oneLevel = Create("core-duo");
    private readonly Mmu<RamBus, CycleTiming> _twoLevels = Create("nehalem-lynnfield");

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong Lookup() => _floor.TranslateAll(_held);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong FirstLevelHit() => MmuLoops.TranslateAll(_oneLevel, _held);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong SecondLevelHit() => MmuLoops.TranslateAll(_twoLevels, _second);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkFromPdeCache() => MmuLoops.TranslateAll(_oneLevel, _walked);

    /// <summary>INVLPG of pages of which some are held.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public void Invlpg() => MmuLoops.InvalidateAll(_oneLevel, _walked);

    /// <summary>Creates an MMU with the caches and costs of a built-in CPU model.</summary>
    /// <param name="name">Name of the model.</param>
    internal static Mmu<RamBus, CycleTiming> Create(string name)
    {
        CpuModel model = CpuModels.Find(name)!;
        return GuestTables.CreateMmu(new CycleTiming(new ProcessorClock(model)), model.Tlbs);
    }
}
