namespace X86Pae.Smp;

/// <summary>How a machine's kernel and interrupt controllers carry out a shootdown; the defaults are Linux 5.x and 6.x.</summary>
public sealed record ShootdownOptions
{
    /// <summary>The defaults.</summary>
    public static ShootdownOptions Default { get; } = new();

    /// <summary>How messages name their targets.</summary>
    public IpiDelivery Delivery { get; init; } = IpiDelivery.AllButSelf;

    /// <summary>How targets learn what to do.</summary>
    public RequestPassing Requests { get; init; } = RequestPassing.QueuePerTarget;

    /// <summary>How targets tell that they are done.</summary>
    public Acknowledgement Acknowledgement { get; init; } = Acknowledgement.PerCpuFlags;

    /// <summary>When the initiator does its own part.</summary>
    public LocalFlush LocalFlush { get; init; } = LocalFlush.Overlapped;

    /// <summary>
    /// Whether a target whose queue is not empty gets no further message: it will find the new request there (llist_add tells
    /// whether the queue was empty).
    /// </summary>
    public bool Coalesces { get; init; } = true;

    /// <summary>
    /// Whether both threads of each core are in use: processors 2n and 2n + 1 are siblings. They share data caches, have of each
    /// translation cache what the model says, and messages take <c>ipiWireSmt</c> where it was measured. A shootdown goes to
    /// a sibling as to any other processor: entries belong to a logical processor, and INVLPG drops its own only.
    /// </summary>
    public bool SiblingThreads { get; init; }

    /// <summary>
    /// Processors that exchange lines and messages at the near cost, consecutive by number; the others are reached at the far
    /// cost (<c>ackTransferFar</c>, <c>ipiWireFar</c>). Null: all of them are near.
    /// </summary>
    public int? ProcessorsPerPackage { get; init; }
}
