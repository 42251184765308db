namespace X86Pae.Smp;

/// <summary>The moments of one target, from the request's message to the acknowledgement.</summary>
internal readonly record struct PathToAcknowledgement
{
    /// <summary>Number of the target.</summary>
    public required int Target { get; init; }

    /// <summary>The request, with its message if it had one.</summary>
    public InterruptRequest Request { get; init; }

    /// <summary>The interrupt was accepted.</summary>
    public long Accepted { get; init; }

    /// <summary>Cost of its delivery.</summary>
    public int Entry { get; init; }

    /// <summary>The flush began.</summary>
    public long FlushStart { get; init; }

    /// <summary>The flush was done.</summary>
    public long Done { get; init; }

    /// <summary>The acknowledgement was made.</summary>
    public long Acknowledged { get; init; }

    /// <summary>The initiator can see it.</summary>
    public long Seen { get; init; }

    /// <summary>Adds the parts from the set-up on.</summary>
    /// <param name="parts">What came before.</param>
    /// <param name="ready">The end of the set-up.</param>
    /// <param name="end">The end of the shootdown.</param>
    /// <param name="costs">What the parts cost.</param>
    public ShootdownParts Describe(ShootdownParts parts, long ready, long end, ShootdownCosts costs)
    {
        // A request that another one's interrupt served has no way of its own: it is handed over, and at some time done.
        bool own = Request.HasMessage && Request.Arrival <= Accepted;
        long sent = own ? Request.Sent : ready;
        long arrival = own ? Request.Arrival : ready;
        bool late = Accepted < arrival; // the interrupt was taken before the request was even made
        long begin = late ? arrival : Accepted;
        int entry = late ? 0 : Entry;
        int endOfInterrupt = late ? 0 : costs.EndOfInterrupt;
        return parts with
        {
            Send = sent - ready,
            Wire = arrival - sent,
            Acceptance = begin - arrival,
            Entry = entry,
            EndOfInterrupt = endOfInterrupt,
            Handler = FlushStart - begin - entry - endOfInterrupt,
            Flush = Done - FlushStart,
            Acknowledgement = Acknowledged - Done,
            Observation = end - Acknowledged,
        };
    }
}
