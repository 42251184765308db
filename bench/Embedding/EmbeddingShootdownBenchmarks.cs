using BenchmarkDotNet.Attributes;
using X86Pae.Bench.Simulation;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Bench.Embedding;

/// <summary>Shootdowns of one page from one processor to all others, in host time for each target.</summary>
[BenchmarkCategory("Embedding", "Shootdown")]
public class EmbeddingShootdownBenchmarks : ISimulated
{
    private const int Processors = 1024;
    private const int Shootdowns = 64;
    private const int OperationsPerInvoke = Shootdowns * (Processors - 1);
    private const uint PageSize = 4096;

    private Machine? _machine;
    private uint _page;

    /// <inheritdoc/>
    public SimulatedTotals? Totals => _machine is null ? null : SimulatedTotals.Of(_machine, entryStores: 0);

    [GlobalSetup]
    public void SetUp() => _machine = new Machine(CpuModels.CoreDuo, CpuFeatures.Pae36, Processors, 1 << 20);

    /// <summary>A clock and an account for each processor in arrays: what a target must at least be told.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = OperationsPerInvoke)]
    public long ArrayOfClocks()
    {
        Span<long> clocks = stackalloc long[Processors];
        Span<long> accounts = stackalloc long[Processors];
        long last = 0;
        for (int i = 0; i < Shootdowns; i++)
        {
            for (int target = 1; target < clocks.Length; target++)
            {
                long accepted = Math.Max(clocks[target], last + 1000);
                clocks[target] = accepted + 870;
                accounts[target] += 870;
                last = Math.Max(last, accepted);
            }
        }

        return last + accounts[1];
    }

    /// <summary>One message to all others, a page that was not shot down before.</summary>
    [Benchmark(OperationsPerInvoke = OperationsPerInvoke)]
    public long Broadcast()
    {
        Machine machine = _machine!;
        Processor initiator = machine.Processors[0];
        long cycles = 0;
        for (int i = 0; i < Shootdowns; i++)
        {
            cycles += machine.Flush(initiator, TlbFlush.Page(_page += PageSize)).Total;
        }

        return cycles;
    }
}
