namespace X86Pae.Bench.Comparison;

/// <summary>What a run has measured of one benchmark.</summary>
/// <param name="Name">Full name of the benchmark, parameters included.</param>
/// <param name="Nanoseconds">Time of one operation in each iteration.</param>
internal sealed record SavedResult(string Name, double[] Nanoseconds);
