namespace X86Pae.Bench.Simulation;

/// <summary>Benchmarks that run emulated processors, so that they have a simulated cost beside the host's time.</summary>
public interface ISimulated
{
    /// <summary>What the emulated processors have been charged so far; null where none has a clock.</summary>
    SimulatedTotals? Totals { get; }
}
