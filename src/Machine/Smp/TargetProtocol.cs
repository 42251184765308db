using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>What the target of a shootdown does, from the interrupt to the return, step by step.</summary>
/// <param name="machine">The machine.</param>
/// <param name="schedule">Its lanes.</param>
/// <param name="locks">The locks that they wait for.</param>
internal sealed class TargetProtocol(Machine machine, LaneSchedule schedule, LaneLocks locks)
{
    private readonly ShootdownCosts _costs = machine.Costs;
    private readonly ShootdownOptions _options = machine.Options;

    /// <summary>Takes an interrupt; what the program was at stands still until the return.</summary>
    /// <param name="lane">The target.</param>
    /// <param name="now">When.</param>
    public void Accept(Lane lane, long now)
    {
        ProcessorClock clock = lane.Processor.Clock;
        switch (lane.Activity)
        {
            case Activity.Computing:
                lane.Remaining -= now - clock.Now;
                clock.WaitUntil(CycleAccount.Work, now);
                break;
            case Activity.Locking:
                locks.WaitedForBy(lane).WaitUntil(lane.Processor, now);
                break;
            case Activity.Writing or Activity.Waiting:
                clock.WaitUntil(CycleAccount.Shootdown, now);
                break;
            default:
                clock.IdleUntil(now);
                break;
        }

        lane.Inbox.Accept(now);
        int entry = _costs.EntryOf(lane.Processor);
        clock.HotCounts.IpisHandled++;
        clock.Charge(CycleAccount.Shootdown, entry + _costs.EndOfInterrupt + _costs.Handler);
        lane.Overhead = clock.Now - now + _costs.Return;
        lane.Path = new PathToAcknowledgement { Target = lane.Processor.Index, Accepted = now, Entry = entry };
        lane.Handler = HandlerPhase.Taking;
    }

    /// <summary>Takes the next step of the handler.</summary>
    /// <param name="lane">The target.</param>
    public void Handle(Lane lane)
    {
        if (lane.Handler == HandlerPhase.Taking)
        {
            lane.Inbox.TakeAll();
        }
        else
        {
            Acknowledge(lane);
        }

        if (lane.Inbox.Taken > 0)
        {
            InterruptRequest request = lane.Inbox.Begin();
            long start = lane.Now;
            schedule[request.Initiator].Operation.Flush.ApplyTo(lane.Processor);
            lane.Path = lane.Path with { Request = request, FlushStart = start, Done = lane.Now };
            lane.Handler = HandlerPhase.Acknowledging;
        }
        else
        {
            lane.Processor.Clock.Charge(CycleAccount.Shootdown, _costs.Return);
            lane.Handler = HandlerPhase.None;
        }
    }

    private void Acknowledge(Lane lane)
    {
        Lane initiator = schedule[lane.Path.Request.Initiator];
        int target = lane.Processor.Index;
        PendingShootdown shootdown = initiator.Shootdown;
        bool shares = _options.Acknowledgement == Acknowledgement.SharedCounter;
        if (shares)
        {
            lane.Processor.Clock.WaitUntil(CycleAccount.Shootdown, shootdown.CountDown(target, lane.Now, _costs));
        }

        PathToAcknowledgement path = lane.Path with
        {
            Acknowledged = lane.Now,
            Seen = lane.Now + _costs.Transfer(target, initiator.Processor.Index),
        };
        shootdown.TargetCycles += lane.Overhead + path.Acknowledged - path.FlushStart;
        lane.Overhead = 0;
        if (shares)
        {
            shootdown.AddCount(in path);
        }
        else
        {
            shootdown.AddFlag(in path);
        }

        if (shootdown.Unacknowledged == 0)
        {
            schedule.Set(initiator);
        }
    }
}
