namespace X86Pae.Tests.Smp;

/// <summary>A shootdown that targets are asked for.</summary>
internal sealed class NaivePending(int flushCycles, int targets, NaiveCpu initiator)
{
    public int FlushCycles => flushCycles;

    public NaiveCpu Initiator { get; } = initiator;

    public int Left { get; set; } = targets;

    public long Seen { get; set; }

    public long CounterFree { get; set; }

    public NaiveCpu CounterOwner { get; set; } = initiator;
}
