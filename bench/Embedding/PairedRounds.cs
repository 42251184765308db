using System.Diagnostics;
using BenchmarkDotNet.Mathematics;
using BenchmarkDotNet.Running;

namespace X86Pae.Bench.Embedding;

/// <summary>
/// A benchmark and its floor by turns in one process. Each in a process of its own, some seconds apart, they may meet the host at
/// different speeds, and their ratio says more about it than about them.
/// </summary>
/// <param name="Time">Nanoseconds of one operation of the benchmark: the median of the rounds.</param>
/// <param name="Floor">The same of the floor.</param>
/// <param name="Ratio">The median of the ratios within each round.</param>
internal sealed record PairedRounds(double Time, double Floor, double Ratio)
{
    private const int Rounds = 15;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(500); // the JIT is done with both by then

    /// <summary>Measures.</summary>
    /// <param name="instance">An instance of their class, set up.</param>
    /// <param name="benchmark">The benchmark.</param>
    /// <param name="floor">Its floor.</param>
    public static PairedRounds Measure(object instance, Descriptor benchmark, Descriptor floor)
    {
        Run(instance, floor, WarmUp);
        Run(instance, benchmark, WarmUp);
        double[] times = new double[Rounds];
        double[] floors = new double[Rounds];
        double[] ratios = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            floors[i] = Run(instance, floor, Round);
            times[i] = Run(instance, benchmark, Round);
            ratios[i] = times[i] / floors[i];
        }

        return new PairedRounds(new Statistics(times).Median, new Statistics(floors).Median, new Statistics(ratios).Median);
    }

    /// <summary>Nanoseconds of one operation, over as many invocations as fill some time, at least one.</summary>
    private static double Run(object instance, Descriptor descriptor, TimeSpan atLeast)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        long operations = 0;
        do
        {
            descriptor.WorkloadMethod.Invoke(instance, null); // thousands of operations: the call does not count
            operations += descriptor.OperationsPerInvoke;
            elapsed = Stopwatch.GetElapsedTime(start);
        }
        while (elapsed < atLeast);

        return elapsed.TotalNanoseconds / operations;
    }
}
