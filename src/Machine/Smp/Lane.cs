namespace X86Pae.Smp;

/// <summary>One processor as an engine sees it: what its program and its interrupt handler are at.</summary>
/// <param name="processor">The processor.</param>
internal sealed class Lane(Processor processor)
{
    public Processor Processor => processor;

    public long Now => processor.Clock.Now;

    public Activity Activity { get; set; }

    public ProcessorOperation Operation { get; set; }

    /// <summary>Cycles of a computation still to do.</summary>
    public long Remaining { get; set; }

    /// <summary>When the lock was handed to it, or it was woken; <see cref="EventOrder.Never"/> until then.</summary>
    public long WokenAt { get; set; }

    /// <summary>Its shootdown, while it is an initiator.</summary>
    public PendingShootdown Shootdown { get; } = new();

    /// <summary>What has been sent to it.</summary>
    public InterruptInbox Inbox { get; } = new();

    public HandlerPhase Handler { get; set; }

    /// <summary>Cycles of the interrupt that no request has been told of yet.</summary>
    public long Overhead { get; set; }

    /// <summary>The request that its handler is at, and the moments so far.</summary>
    public PathToAcknowledgement Path { get; set; }
}
