namespace X86Pae.Bench.Embedding;

/// <summary>One promise to those who embed the library: a benchmark, what it is measured against, and how far it may be from it.</summary>
/// <param name="Path">What is measured, in words.</param>
/// <param name="Benchmark">Class and method.</param>
/// <param name="Floor">Class and method of the floor, run in the same job; null where the limit is a time.</param>
/// <param name="Limit">The largest ratio to the floor, or the longest time in nanoseconds.</param>
/// <param name="AllocationLimit">Most bytes that an operation may allocate.</param>
internal sealed record EmbeddingRow(string Path, string Benchmark, string? Floor, double Limit, long AllocationLimit = 0);
