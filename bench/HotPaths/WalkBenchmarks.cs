using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using X86Pae.Bench.Simulation;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Bench.HotPaths;

/// <summary>Page walks and what needs one, against three loads.</summary>
[BenchmarkCategory("HotPath", "Walk")]
public class WalkBenchmarks : ISimulated
{
    private readonly uint[] _warm = AddressStream.Create(GuestTables.LinearStart, GuestTables.WarmPages);
    private readonly uint[] _missing = AddressStream.Create(GuestTables.LinearStart, GuestTables.MappedPages);
    private readonly uint[] _notPresent = AddressStream.Create(GuestTables.NotPresentStart, GuestTables.NotPresentPages);
    private readonly ThreeLoadWalk _floor = new();
    private readonly ulong[] _tables = new ulong[GuestTables.TablesEnd / sizeof(ulong)];
    private readonly RamBus _ram = new(new GuestMemory(8UL << 30));
    private readonly Mmu<RamBus, NoTiming> _untimed = GuestTables.CreateMmu(default(NoTiming), CpuModels.CoreDuo.Tlbs);
    private TimedMmu? _timed;

    public WalkBenchmarks()
    {
        var span = new SpanBus(MemoryMarshal.AsBytes(_tables.AsSpan()));
        GuestTables.Build(ref span);
        GuestTables.Build(ref _ram);
    }

    /// <inheritdoc/>
    public SimulatedTotals? Totals => _timed?.Totals;

    [GlobalSetup(Target = nameof(TranslateMissTimed))]
    public void SetUpTimed() => _timed = new TimedMmu();

    [Benchmark(Baseline = true, OperationsPerInvoke = AddressStream.Length)]
    public ulong ThreeLoads() => _floor.TranslateAll(_warm, default(KnownAddresses));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkSpan() =>
        WalkLoops.WalkSpan(MemoryMarshal.AsBytes(_tables.AsSpan()), in _untimed.State, _warm, default(KnownAddresses));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkRam() => WalkLoops.WalkRam(_ram, in _untimed.State, _warm, default(KnownAddresses));

    /// <summary>Lookup, walk and refill: with 16,384 pages 99 of 100 accesses miss 128 entries.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong TranslateMiss() => MmuLoops.TranslateAll(_untimed, _missing);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong TranslateMissTimed() => MmuLoops.TranslateAll(_timed!.Mmu, _missing);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong TranslateFault()
    {
        Mmu<RamBus, NoTiming> mmu = _untimed;
        Access access = Access.UserWrite;
        ulong digest = 0;
        foreach (uint address in _notPresent)
        {
            PageFault fault = mmu.Translate(address, access).Fault;
            digest ^= fault.Cr2 + (ulong)fault.ErrorCode;
        }

        return digest;
    }
}
