using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Cli.Shootdowns;

/// <summary>Shootdowns by processor 0 of machines that do nothing else.</summary>
/// <param name="Model">The processors.</param>
/// <param name="Options">How shootdowns are carried out.</param>
internal sealed record ShootdownExperiment(CpuModel Model, ShootdownOptions Options)
{
    private const uint FirstPage = 0xC000_0000;
    private const uint PageSize = 4096;
    private const uint Window = 4096; // pages that shootdowns walk through, so that they do not all name the same one
    private const ulong MemoryInBytes = 1 << 20;

    /// <summary>Pages that each shootdown drops one by one; 0 for everything.</summary>
    public int Pages { get; init; } = 1;

    /// <summary>Cycles from the start of each shootdown for which the last processor has its interrupts off.</summary>
    public long InterruptsOff { get; init; }

    /// <summary>Whether the targets run user mode.</summary>
    public bool TargetsInUserMode { get; init; }

    /// <summary>Number of shootdowns on each machine, back to back.</summary>
    public long Count { get; init; } = 1;

    /// <summary>Runs on a machine of one size.</summary>
    /// <param name="processors">CPUs, the initiator included.</param>
    public ShootdownPoint Run(int processors)
    {
        var machine = new Machine(Model, CpuFeatures.Pae36, processors, MemoryInBytes, Options);
        foreach (Processor processor in machine.Processors[1..])
        {
            processor.IsInUserMode = TargetsInUserMode;
        }

        Processor initiator = machine.Processors[0];
        Processor last = machine.Processors[^1];
        var sum = new ShootdownSum();
        for (long i = 0; i < Count; i++)
        {
            if (InterruptsOff > 0 && last != initiator)
            {
                last.HoldInterruptsUntil(initiator.Clock.Now + InterruptsOff);
            }

            sum.Add(machine.Flush(initiator, FlushOf(i)));
        }

        return new ShootdownPoint(processors, Count, sum);
    }

    private TlbFlush FlushOf(long number)
    {
        uint start = FirstPage + ((uint)(number % Window) * PageSize);
        return Pages == 0 ? TlbFlush.All : TlbFlush.Range(start, start + ((uint)Pages * PageSize));
    }
}
