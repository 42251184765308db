namespace X86Pae.Smp;

/// <summary>What a program does next on a processor.</summary>
public readonly record struct ProcessorOperation
{
    private ProcessorOperation(ProcessorOperationKind kind) => Kind = kind;

    /// <summary>CLI.</summary>
    public static ProcessorOperation DisableInterrupts => new(ProcessorOperationKind.DisableInterrupts);

    /// <summary>STI.</summary>
    public static ProcessorOperation EnableInterrupts => new(ProcessorOperationKind.EnableInterrupts);

    /// <summary>The program has ended; the processor goes on taking interrupts while they are on.</summary>
    public static ProcessorOperation Halt => new(ProcessorOperationKind.Halt);

    /// <summary>Its kind.</summary>
    internal ProcessorOperationKind Kind { get; }

    /// <summary>Length of a computation.</summary>
    internal long Cycles { get; private init; }

    /// <summary>The lock that is acquired, released, or released while sleeping.</summary>
    internal SimulatedLock? Lock { get; private init; }

    /// <summary>The channel that is slept on or woken.</summary>
    internal WaitChannel? Channel { get; private init; }

    /// <summary>What a shootdown drops.</summary>
    internal TlbFlush Flush { get; private init; }

    /// <summary>On which processors; null for all.</summary>
    internal ProcessorSet? Processors { get; private init; }

    /// <summary>Work that an interrupt may interrupt at any cycle.</summary>
    /// <param name="cycles">How long, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="cycles"/> is negative.</exception>
    public static ProcessorOperation Compute(long cycles)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cycles);
        return new(ProcessorOperationKind.Compute) { Cycles = cycles };
    }

    /// <summary>Takes a lock; waits for it while another processor has it, and accepts interrupts meanwhile if they are on.</summary>
    /// <param name="taken">The lock.</param>
    public static ProcessorOperation Acquire(SimulatedLock taken)
    {
        ArgumentNullException.ThrowIfNull(taken);
        return new(ProcessorOperationKind.Acquire) { Lock = taken };
    }

    /// <summary>Gives a lock back, to whoever has waited longest.</summary>
    /// <param name="held">A lock that the processor holds.</param>
    public static ProcessorOperation Release(SimulatedLock held)
    {
        ArgumentNullException.ThrowIfNull(held);
        return new(ProcessorOperationKind.Release) { Lock = held };
    }

    /// <summary>Sleeps until woken; accepts interrupts meanwhile if they are on.</summary>
    /// <param name="channel">Where to.</param>
    /// <param name="held">A lock to give back in the same step, so that no wake-up is lost; null for none.</param>
    public static ProcessorOperation Sleep(WaitChannel channel, SimulatedLock? held = null)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new(ProcessorOperationKind.Sleep) { Channel = channel, Lock = held };
    }

    /// <summary>Wakes whoever has slept longest; does nothing if nobody sleeps.</summary>
    /// <param name="channel">Where.</param>
    public static ProcessorOperation WakeOne(WaitChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new(ProcessorOperationKind.WakeOne) { Channel = channel };
    }

    /// <summary>Wakes everybody.</summary>
    /// <param name="channel">Where.</param>
    public static ProcessorOperation WakeAll(WaitChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new(ProcessorOperationKind.WakeAll) { Channel = channel };
    }

    /// <summary>Flushes on every processor, and waits until all others have acknowledged; interrupts must be on.</summary>
    /// <param name="flush">What is dropped.</param>
    public static ProcessorOperation Shootdown(TlbFlush flush) => new(ProcessorOperationKind.Shootdown) { Flush = flush };

    /// <summary>Flushes on some processors, its own only if it is one of them; interrupts must be on.</summary>
    /// <param name="flush">What is dropped.</param>
    /// <param name="processors">Which ones; processors that the machine does not have are left out.</param>
    public static ProcessorOperation Shootdown(TlbFlush flush, in ProcessorSet processors) =>
        new(ProcessorOperationKind.Shootdown) { Flush = flush, Processors = processors };
}
