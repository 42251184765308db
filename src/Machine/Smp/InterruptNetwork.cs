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

    /// <summary>From when on a sender's command register is idle.</summary>
    /// <param name="sender">Number of the sender.</param>
    public long IdleFrom(int sender) => costs.HasSerialBus ? _idleFrom[sender] : 0;

    /// <summary>Waits until the command register is idle, and writes it.</summary>
    /// <param name="sender">The sender; its clock is charged.</param>
    public void Write(Processor sender)
    {
        sender.Clock.WaitUntil(CycleAccount.Shootdown, IdleFrom(sender.Index));
        sender.Clock.Charge(CycleAccount.Shootdown, costs.IcrIdleWait + costs.IcrWrite);
    }

    /// <summary>Sends the message that has just been written.</summary>
    /// <param name="sender">The sender.</param>
    /// <returns>When the message was written, and when it arrives at a near target.</returns>
    public SentMessage Leave(Processor sender)
    {
        long now = sender.Clock.Now;
        if (!costs.HasSerialBus)
        {
            return new SentMessage(now, now + costs.WireNear);
        }

        _busFreeFrom = Math.Max(_busFreeFrom, now) + costs.WireNear;
        _idleFrom[sender.Index] = _busFreeFrom;
        return new SentMessage(now, _busFreeFrom);
    }

    /// <summary>Writes a message and sends it.</summary>
    /// <param name="sender">The sender; its clock is charged.</param>
    /// <returns>When the message was written, and when it arrives at a near target.</returns>
    public SentMessage Send(Processor sender)
    {
        Write(sender);
        return Leave(sender);
    }

    /// <summary>When a message arrives at one of its targets.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sender">Number of its sender.</param>
    /// <param name="target">Number of the target.</param>
    public long ArrivalAt(SentMessage message, int sender, int target) =>
        !costs.HasSerialBus && costs.AreFar(sender, target) ? message.NearArrival + costs.WireFar - costs.WireNear : message.NearArrival;
}
