using BenchmarkDotNet.Attributes;
using X86Pae.Bench.Simulation;
using X86Pae.Memory;
using X86Pae.Timing;

namespace X86Pae.Bench.HotPaths;

/// <summary>Four-byte loads that hit the data TLB, against a lookup in two arrays and a load from a third.</summary>
[BenchmarkCategory("HotPath", "Load")]
public class LoadBenchmarks : ISimulated
{
    private readonly uint[] _addresses = AddressStream.Create(GuestTables.LinearStart, GuestTables.HeldPages);
    private readonly DirectMappedTlb _floor = new(GuestTables.LinearStart, frame: 0);
    private readonly byte[] _data = GuestTables.Data();
    private readonly Mmu<RamBus, NoTiming> _untimed = GuestTables.CreateMmu(default(NoTiming), CpuModels.CoreDuo.Tlbs);
    private TimedMmu? _timed;

    /// <inheritdoc/>
    public SimulatedTotals? Totals => _timed?.Totals;

    [GlobalSetup(Target = nameof(ReadHitTimed))]
    public void SetUpTimed() => _timed = new TimedMmu();

    [Benchmark(Baseline = true, OperationsPerInvoke = AddressStream.Length)]
    public uint ArrayLookupAndLoad() => _floor.LoadAll(_data, _addresses, default(KnownAddresses));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint ReadHit() => MmuLoops.ReadAll(_untimed, _addresses, default(KnownAddresses));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint ReadHitTimed() => MmuLoops.ReadAll(_timed!.Mmu, _addresses, default(KnownAddresses));
}
