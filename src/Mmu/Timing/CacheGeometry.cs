namespace X86Pae.Timing;

/// <summary>One level of data cache.</summary>
/// <param name="SizeInKiB">Capacity in KiB.</param>
/// <param name="Ways">Associativity.</param>
/// <param name="LoadToUse">Cycles from a load that hits here to the use of its value.</param>
public readonly record struct CacheGeometry(int SizeInKiB, int Ways, Parameter LoadToUse);
