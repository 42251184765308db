namespace X86Pae.Smp;

/// <summary>The lanes of an engine, and when each of them acts next.</summary>
internal sealed class LaneSchedule
{
    private const int BulkOrder = 64; // from so many changes on, ordering anew is cheaper than one by one

    private readonly Machine _machine;
    private readonly InterruptNetwork _network;
    private readonly Lane[] _lanes;
    private readonly EventOrder _order;

    /// <summary>Creates a lane for each processor of a machine, which is about to ask its program.</summary>
    /// <param name="machine">The machine.</param>
    public LaneSchedule(Machine machine)
    {
        _machine = machine;
        _network = machine.Network;
        _lanes = [.. machine.Processors.ToArray().Select(processor => new Lane(processor))];
        _order = new EventOrder(_lanes.Length);
        Array.ForEach(_lanes, Set);
    }

    /// <summary>Number of lanes.</summary>
    public int Count => _lanes.Length;

    /// <summary>When somebody acts next; <see cref="EventOrder.Never"/> if nobody does.</summary>
    public long FirstTime => _order.FirstTime;

    /// <summary>Who acts next.</summary>
    public Lane First => _lanes[_order.First];

    /// <summary>The lane of a processor.</summary>
    /// <param name="processor">Its number.</param>
    public Lane this[int processor] => _lanes[processor];

    /// <summary>Whether all programs have ended.</summary>
    public bool AllHalted() => Array.TrueForAll(_lanes, lane => lane.Activity == Activity.Halted);

    /// <summary>Takes notice of what a lane is at.</summary>
    /// <param name="lane">The lane.</param>
    public void Set(Lane lane) => _order.Set(lane.Processor.Index, NextTime(lane));

    /// <summary>Wakes a processor that waits for a lock or sleeps.</summary>
    /// <param name="processor">The processor.</param>
    /// <param name="now">When.</param>
    public void Wake(Processor processor, long now)
    {
        Lane lane = _lanes[processor.Index];
        lane.WokenAt = now;
        Set(lane);
    }

    /// <summary>Tells processors of a message that they are going to be interrupted by.</summary>
    /// <param name="message">The message.</param>
    /// <param name="initiator">Number of its sender.</param>
    /// <param name="targets">Those that wait for one; whom this one reaches is taken out.</param>
    /// <param name="group">How many consecutive processors it reaches.</param>
    public void Deliver(SentMessage message, int initiator, ref ProcessorSet targets, int group)
    {
        int first = targets.NextFrom(0);
        int end = Math.Min(((first / group) + 1) * group, _lanes.Length);
        bool bulk = targets.Count >= BulkOrder;
        for (int i = first; i < end; i = targets.NextFrom(i + 1))
        {
            Lane target = _lanes[i];
            target.Inbox.Expect(
                new InterruptRequest(initiator, message.Sent, _network.ArrivalAt(message, initiator, target.Processor.Index)));
            targets.Remove(i);
            if (bulk)
            {
                _order.SetUnordered(i, NextTime(target));
            }
            else
            {
                Set(target);
            }
        }

        if (bulk)
        {
            _order.Rebuild();
        }
    }

    /// <summary>When a lane accepts an interrupt next; <see cref="EventOrder.Never"/> while none is on its way.</summary>
    /// <param name="lane">The lane.</param>
    public long AcceptanceTime(Lane lane)
    {
        long from = Math.Max(lane.Inbox.NextArrival, _machine.AcceptsFrom[lane.Processor.Index]);
        return from == EventOrder.Never || lane.Activity is Activity.Inserting or Activity.Leaving
            ? EventOrder.Never
            : Math.Max(from, lane.Now);
    }

    private long NextTime(Lane lane) => lane.Handler != HandlerPhase.None
        ? lane.Now
        : Math.Min(OwnTime(lane), AcceptanceTime(lane));

    private long OwnTime(Lane lane)
    {
        switch (lane.Activity)
        {
            case Activity.Computing:
                return lane.Now + lane.Remaining;
            case Activity.Locking or Activity.Sleeping:
                return Math.Max(lane.Now, lane.WokenAt);
            case Activity.Writing:
                return Math.Max(lane.Now, _network.IdleFrom(lane.Processor.Index));
            case Activity.Waiting:
                return lane.Shootdown.Unacknowledged == 0 ? Math.Max(lane.Now, lane.Shootdown.Seen) : EventOrder.Never;
            case Activity.Halted:
                return EventOrder.Never;
            default:
                return lane.Now;
        }
    }
}
