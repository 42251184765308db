using BenchmarkDotNet.Attributes;
using X86Pae.Bench.Simulation;
using X86Pae.Memory;
using X86Pae.Timing;

namespace X86Pae.Bench.HotPaths;

/// <summary>Translations that hit the data TLB, against a lookup in two arrays.</summary>
[BenchmarkCategory("HotPath", "Lookup")]
public class LookupBenchmarks : ISimulated
{
    private readonly uint[] _addresses = AddressStream.Create(GuestTables.LinearStart, GuestTables.HeldPages);
    private readonly DirectMappedTlb _floor = new(GuestTables.LinearStart, GuestTables.FramesStart);
    private readonly Mmu<RamBus, NoTiming> _untimed = GuestTables.CreateMmu(default(NoTiming), CpuModels.CoreDuo.Tlbs);
    private TimedMmu? _timed;

    /// <inheritdoc/>
    public SimulatedTotals? Totals => _timed?.Totals;

    [GlobalSetup(Target = nameof(TranslateHitTimed))]
    public void SetUpTimed() => _timed = new TimedMmu();

    [Benchmark(Baseline = true, OperationsPerInvoke = AddressStream.Length)]
    public ulong ArrayLookup() => _floor.TranslateAll(_addresses);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong TranslateHit() => MmuLoops.TranslateAll(_untimed, _addresses);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong TranslateHitTimed() => MmuLoops.TranslateAll(_timed!.Mmu, _addresses);
}
