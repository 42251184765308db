using System.Reflection;
using BenchmarkDotNet.Running;

namespace X86Pae.Bench.Simulation;

/// <summary>Simulated cost of a benchmark: of its second invocation, when caches and pools are in their steady state.</summary>
/// <param name="Totals">What one invocation is charged.</param>
/// <param name="Operations">Operations of one invocation.</param>
internal sealed record SimulatedCost(SimulatedTotals Totals, int Operations)
{
    private static readonly Dictionary<MethodInfo, SimulatedCost?> Measured = [];

    /// <summary>Runs the benchmark twice in this process: the same code as is timed elsewhere.</summary>
    /// <param name="benchmark">The benchmark.</param>
    /// <returns>Null if it has no simulated cost.</returns>
    public static SimulatedCost? Of(BenchmarkCase benchmark)
    {
        Descriptor descriptor = benchmark.Descriptor;
        if (!Measured.TryGetValue(descriptor.WorkloadMethod, out SimulatedCost? cost))
        {
            cost = Measure(descriptor);
            Measured.Add(descriptor.WorkloadMethod, cost);
        }

        return cost;
    }

    private static SimulatedCost? Measure(Descriptor descriptor)
    {
        if (!descriptor.Type.IsAssignableTo(typeof(ISimulated)))
        {
            return null;
        }

        var simulated = (ISimulated)descriptor.CreateInstance();
        if (simulated.Totals is null)
        {
            return null;
        }

        descriptor.WorkloadMethod.Invoke(simulated, null);
        SimulatedTotals before = simulated.Totals.Value;
        descriptor.WorkloadMethod.Invoke(simulated, null);
        return new SimulatedCost(simulated.Totals.Value - before, descriptor.OperationsPerInvoke);
    }
}
