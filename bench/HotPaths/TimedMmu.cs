using X86Pae.Bench.Simulation;
using X86Pae.Memory;
using X86Pae.Timing;

namespace X86Pae.Bench.HotPaths;

/// <summary>An MMU with the caches and costs of a Core Duo, and the clock it is charged to.</summary>
internal sealed class TimedMmu
{
    public TimedMmu() => Mmu = GuestTables.CreateMmu(new CycleTiming(Clock), CpuModels.CoreDuo.Tlbs);

    public ProcessorClock Clock { get; } = new(CpuModels.CoreDuo);

    public Mmu<RamBus, CycleTiming> Mmu { get; }

    public SimulatedTotals Totals => default(SimulatedTotals).Plus(Clock);
}
