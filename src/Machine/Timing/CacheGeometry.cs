namespace X86Pae.Timing;

/// <summary>One level of data cache.</summary>
/// <param name="SizeInKiB">Capacity in KiB.</param>
/// <param name="Ways">Associativity; sets times ways times line size is the capacity, and the number of sets need not be a power of two.</param>
/// <param name="LoadToUse">Cycles from a load that hits here to the use of its value.</param>
public sealed record CacheGeometry(int SizeInKiB, int Ways, Parameter LoadToUse);
