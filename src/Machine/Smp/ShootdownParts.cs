// The parts of a shootdown are those of its critical path, so that they add up to the initiator's time exactly:
//
//   LocalFlush (if first) + Setup + Send + Wire + Acceptance + Entry + EndOfInterrupt + Handler + Flush + Acknowledgement
//   + Observation
//
//   from Send on as the target sees them whose acknowledgement is observed last. Where no target is that late, the path ends
//   with the initiator's own part: LocalFlush + Setup + Send.

namespace X86Pae.Smp;

/// <summary>Where the initiator's time of one shootdown went, in cycles.</summary>
public readonly record struct ShootdownParts
{
    /// <summary>Processors that were asked, the initiator not counted.</summary>
    public int Targets { get; init; }

    /// <summary>Interrupt messages sent.</summary>
    public int Messages { get; init; }

    /// <summary>Handing the request to each target.</summary>
    public long Setup { get; init; }

    /// <summary>Waiting for the interrupt command register and writing it, up to the message for the last target to be done.</summary>
    public long Send { get; init; }

    /// <summary>The message under way, waiting for a serial bus included.</summary>
    public long Wire { get; init; }

    /// <summary>The message has arrived, and the target's interrupts are off.</summary>
    public long Acceptance { get; init; }

    /// <summary>Delivery of the interrupt on the target.</summary>
    public long Entry { get; init; }

    /// <summary>The target's write to the end-of-interrupt register.</summary>
    public long EndOfInterrupt { get; init; }

    /// <summary>The target's handler before the flush, and requests of others that it does first.</summary>
    public long Handler { get; init; }

    /// <summary>The flush on the target.</summary>
    public long Flush { get; init; }

    /// <summary>The target's acknowledgement: its turn at a shared counter; nothing for a flag of its own.</summary>
    public long Acknowledgement { get; init; }

    /// <summary>The transfer of the line in which the initiator sees the last acknowledgement, and its own interruptions.</summary>
    public long Observation { get; init; }

    /// <summary>The initiator's own flush, as far as nothing hides it.</summary>
    public long LocalFlush { get; init; }

    /// <summary>Cycles that all targets together spent, from entry to return; not part of the initiator's time.</summary>
    public long TargetCycles { get; init; }

    /// <summary>The initiator's time: the sum of the parts.</summary>
    public long Total => Setup + Send + Wire + Acceptance + Entry + EndOfInterrupt + Handler + Flush + Acknowledgement
        + Observation + LocalFlush;
}
