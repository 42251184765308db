namespace X86Pae.Cli.Memtrace;

/// <summary>What the replay of an address trace came to, as it is written to a file.</summary>
/// <param name="Trace">File name of the trace.</param>
/// <param name="Cpu">CPU model.</param>
/// <param name="Records">Number of records.</param>
/// <param name="RecordsPerSecond">Of host time; null where that was not asked for.</param>
/// <param name="Processors">Each processor that appears, by number.</param>
/// <param name="Total">All of them.</param>
internal sealed record MemtraceDocument(
    string Trace, string Cpu, int Records, double? RecordsPerSecond, IReadOnlyList<MemtraceCounts> Processors, MemtraceCounts Total);
