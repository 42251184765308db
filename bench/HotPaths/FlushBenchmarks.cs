using BenchmarkDotNet.Attributes;
using X86Pae.Bench.Simulation;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Bench.HotPaths;

/// <summary>What drops translations, on a processor with a clock, against a lookup in two arrays.</summary>
[BenchmarkCategory("HotPath", "Flush")]
public class FlushBenchmarks : ISimulated
{
    private const int Flushes = 1 << 15;

    private readonly uint[] _addresses = AddressStream.Create(GuestTables.LinearStart, GuestTables.HeldPages);
    private readonly DirectMappedTlb _floor = new(GuestTables.LinearStart, GuestTables.FramesStart);
    private TimedMmu? _timed;

    /// <inheritdoc/>
    public SimulatedTotals? Totals => _timed?.Totals;

    [GlobalSetup(Targets = [nameof(Invlpg), nameof(InvlpgAndRefill), nameof(FullFlush), nameof(ReloadCr3)])]
    public void SetUp() => _timed = new TimedMmu();

    [Benchmark(Baseline = true, OperationsPerInvoke = AddressStream.Length)]
    public ulong ArrayLookup() => _floor.TranslateAll(_addresses);

    /// <summary>INVLPG of a page that the TLB does not hold.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public void Invlpg() => MmuLoops.InvalidateAll(_timed!.Mmu, _addresses);

    /// <summary>INVLPG of a page that the TLB holds, and the walk that brings it back.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong InvlpgAndRefill()
    {
        Mmu<RamBus, CycleTiming> mmu = _timed!.Mmu;
        Access access = Access.SupervisorRead;
        ulong digest = 0;
        foreach (uint address in _addresses)
        {
            mmu.Invlpg(address);
            digest ^= mmu.Translate(address, access).PhysicalAddress;
        }

        return digest;
    }

    /// <summary>CR4.PGE cleared and set again: drops everything, twice.</summary>
    [Benchmark(OperationsPerInvoke = Flushes)]
    public bool FullFlush()
    {
        Mmu<RamBus, CycleTiming> mmu = _timed!.Mmu;
        var on = (uint)mmu.Cr4;
        uint off = on & ~(uint)Cr4.PageGlobalEnable;
        bool legal = true;
        for (int i = 0; i < Flushes; i++)
        {
            legal &= mmu.WriteCr4(off);
            legal &= mmu.WriteCr4(on);
        }

        return legal;
    }

    /// <summary>MOV to CR3 with the value it has: reloads the PDPTEs and drops everything but global pages.</summary>
    [Benchmark(OperationsPerInvoke = Flushes)]
    public bool ReloadCr3() => MmuLoops.ReloadCr3(_timed!.Mmu, Flushes);
}
