// The way of a message:
//
//   sender   idle wait, ICR write ---+ sent
//                                     \
//   wire      (serial bus: waits until  \   it is free)  flight
//                                        \
//   target                                + arrives; accepted once the target's interrupts are on
//
//   On the serial bus the sender's register stays busy until its message has gone over it, so its next message waits.

using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>The interrupt command registers of all processors and what their messages travel on.</summary>
/// <param name="costs">What it costs.</param>
/// <param name="delivery">How messages name their targets.</param>
/// <param name="processors">Number of processors.</param>
internal sealed class InterruptNetwork(ShootdownCosts costs, IpiDelivery delivery, int processors)
{
    /// <summary>Group of a message that reaches any set of processors.</summary>
    public const int Everybody = Machine.MaxProcessors;

    private const int FlatLimit = 8;
    private const int XApicCluster = 4;
    private const int XApicClusterLimit = 60;
    private const int X2ApicCluster = 16;

    private readonly long[] _idleFrom = new long[costs.HasSerialBus ? processors : 0];
    private long _busFreeFrom;

    /// <summary>How many consecutive processors one message can reach; a set takes one message for each such group it touches.</summary>
    /// <param name="initiator">The sender.</param>
    /// <param name="targets">Whom to interrupt, at least one; the sender is not among them.</param>
    public int GroupOf(int initiator, in ProcessorSet targets)
    {
        switch (delivery)
        {
            case IpiDelivery.AllButSelf:
                int count = targets.Count;
                return count == processors - 1 && !targets.Contains(initiator) ? Everybody
                    : count > 1 && processors <= FlatLimit ? Everybody
                    : 1;
            case IpiDelivery.Logical:
                return processors <= FlatLimit ? Everybody : processors <= XApicClusterLimit ? XApicCluster : X2ApicCluster;
            default:
                return 1;
        }
    }

    /// <summary>Sends one message: the sender waits for its register, writes it, and the message leaves.</summary>
    /// <param name="sender">The sender; its clock is charged.</param>
    /// <returns>When the message was written, and when it arrives at a near target.</returns>
    public SentMessage Send(Processor sender)
    {
        ProcessorClock clock = sender.Clock;
        if (!costs.HasSerialBus)
        {
            clock.Charge(CycleAccount.Shootdown, costs.IcrIdleWait + costs.IcrWrite);
            return new SentMessage(clock.Now, clock.Now + costs.WireNear);
        }

        clock.WaitUntil(CycleAccount.Shootdown, _idleFrom[sender.Index]);
        clock.Charge(CycleAccount.Shootdown, costs.IcrIdleWait + costs.IcrWrite);
        _busFreeFrom = Math.Max(_busFreeFrom, clock.Now) + costs.WireNear;
        _idleFrom[sender.Index] = _busFreeFrom;
        return new SentMessage(clock.Now, _busFreeFrom);
    }

    /// <summary>When a message arrives at one of its targets.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sender">Number of its sender.</param>
    /// <param name="target">Number of the target.</param>
    public long ArrivalAt(SentMessage message, int sender, int target) =>
        !costs.HasSerialBus && costs.AreFar(sender, target) ? message.NearArrival + costs.WireFar - costs.WireNear : message.NearArrival;
}
