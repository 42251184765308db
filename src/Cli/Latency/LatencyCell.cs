namespace X86Pae.Cli.Latency;

/// <summary>One measured cell.</summary>
/// <param name="Line">Line of the file.</param>
/// <param name="SizeInKiB">Size of the block.</param>
/// <param name="StrideInBytes">Distance of the places loaded from.</param>
/// <param name="Cycles">Cycles for each load, as measured.</param>
internal readonly record struct LatencyCell(int Line, int SizeInKiB, int StrideInBytes, double Cycles);
