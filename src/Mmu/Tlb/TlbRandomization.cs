namespace X86Pae.Tlb;

/// <summary>Disturbances that a processor is free to make at any time, from a seed, to find code that depends on retention.</summary>
/// <param name="Seed">Start of the random sequence; the same seed gives the same disturbances.</param>
/// <param name="EvictionsPerThousand">How many of a thousand translations first lose a random entry, 0 to 1000.</param>
/// <param name="SpeculativeFillsPerThousand">
/// How many of a thousand translations first walk and fill for an address near one used before, 0 to 1000. Such a walk may set
/// A, never D, and reports no fault.
/// </param>
public sealed record TlbRandomization(ulong Seed, int EvictionsPerThousand = 50, int SpeculativeFillsPerThousand = 50);
