using System.Diagnostics.CodeAnalysis;
using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>What the initiator of a shootdown does, step by step.</summary>
/// <param name="machine">The machine.</param>
/// <param name="schedule">Its lanes.</param>
/// <param name="locks">The locks that they wait for.</param>
internal sealed class InitiatorProtocol(Machine machine, LaneSchedule schedule, LaneLocks locks)
{
    private readonly ShootdownCosts _costs = machine.Costs;
    private readonly ShootdownOptions _options = machine.Options;
    private readonly InterruptNetwork _network = machine.Network;
    private readonly ShootdownParts[] _parts = new ShootdownParts[schedule.Count];

    /// <summary>Shootdowns completed so far.</summary>
    public long Completed { get; private set; }

    /// <summary>Where the time of a processor's last shootdown went; all zero before its first.</summary>
    /// <param name="initiator">Its number.</param>
    public ShootdownParts LastOf(int initiator) => _parts[initiator];

    /// <summary>A program asks for a shootdown.</summary>
    /// <param name="lane">The initiator.</param>
    /// <exception cref="InvalidOperationException">Its interrupts are off.</exception>
    public void Begin(Lane lane)
    {
        if (!lane.Processor.InterruptsEnabled && TargetsOf(lane).Count > 0)
        {
            ThrowInterruptsOff(lane.Processor.Index);
        }

        lane.Shootdown.Begin(lane.Now);
        lane.Activity = _options.LocalFlush == LocalFlush.First ? Activity.FlushingFirst : Activity.SettingUp;
    }

    /// <summary>Takes the next step of a shootdown.</summary>
    /// <param name="lane">The initiator.</param>
    public void Proceed(Lane lane)
    {
        PendingShootdown shootdown = lane.Shootdown;
        switch (lane.Activity)
        {
            case Activity.FlushingFirst:
                FlushOwn(lane);
                shootdown.FlushedFirst(lane.Now);
                lane.Activity = Activity.SettingUp;
                break;
            case Activity.SettingUp:
                SetUp(lane);
                break;
            case Activity.Inserting:
                Insert(lane);
                break;
            case Activity.Writing:
                _network.Write(lane.Processor);
                lane.Activity = Activity.Leaving;
                break;
            case Activity.Leaving:
                Leave(lane);
                break;
            case Activity.FlushingLocally:
                FlushOwn(lane);
                shootdown.OwnEnd = lane.Now;
                lane.Activity = Activity.Waiting;
                break;
            case Activity.Waiting:
                lane.Processor.Clock.WaitUntil(CycleAccount.Shootdown, shootdown.Seen);
                Complete(lane);
                break;
        }
    }

    private ProcessorSet ProcessorsOf(Lane lane) => lane.Operation.Processors is { } some
        ? some.Intersect(ProcessorSet.First(schedule.Count))
        : ProcessorSet.First(schedule.Count);

    private ProcessorSet TargetsOf(Lane lane)
    {
        ProcessorSet targets = ProcessorsOf(lane);
        targets.Remove(lane.Processor.Index);
        return targets;
    }

    private static bool IsLocalToo(Lane lane) => lane.Operation.Processors is not { } some || some.Contains(lane.Processor.Index);

    [DoesNotReturn]
    private static void ThrowInterruptsOff(int processor) => throw new InvalidOperationException(
        $"Processor {processor} begins a shootdown with its interrupts off: two that did so would wait for each other for ever.");

    private static void FlushOwn(Lane lane)
    {
        if (IsLocalToo(lane))
        {
            lane.Operation.Flush.ApplyTo(lane.Processor);
        }
    }

    private void SetUp(Lane lane)
    {
        ProcessorSet targets = TargetsOf(lane);
        if (targets.Count == 0)
        {
            lane.Shootdown.Inserted(lane.Now, lane.Processor.Index, 0);
            FinishSending(lane);
        }
        else if (_options.Requests == RequestPassing.SharedMessage)
        {
            LaneLocks.Acquire(lane, machine.RequestLock);
        }
        else
        {
            lane.Processor.Clock.Charge(CycleAccount.Shootdown, _costs.QueueInsertions(lane.Processor.Index, in targets));
            lane.Activity = Activity.Inserting;
        }
    }

    private void Insert(Lane lane)
    {
        int initiator = lane.Processor.Index;
        ProcessorSet targets = TargetsOf(lane);
        ProcessorSet interrupted = targets;
        for (int i = targets.NextFrom(0); i < schedule.Count; i = targets.NextFrom(i + 1))
        {
            InterruptInbox inbox = schedule[i].Inbox;
            if (_options.Coalesces && !inbox.IsQueueEmpty)
            {
                interrupted.Remove(i);
            }

            inbox.Add(new InterruptRequest(initiator, Sent: -1, Arrival: -1));
        }

        lane.Shootdown.Inserted(lane.Now, initiator, targets.Count);
        int count = interrupted.Count;
        if (count == 0)
        {
            FinishSending(lane);
            return;
        }

        lane.Shootdown.SendTo(in interrupted, _network.GroupOf(initiator, in interrupted));
        lane.Processor.Clock.HotCounts.IpisSent += count;
        lane.Activity = Activity.Writing;
    }

    private void Leave(Lane lane)
    {
        PendingShootdown shootdown = lane.Shootdown;
        SentMessage message = _network.Leave(lane.Processor);
        ProcessorSet unsent = shootdown.Unsent;
        schedule.Deliver(message, lane.Processor.Index, ref unsent, shootdown.Group);
        shootdown.MessageSent(in unsent);
        lane.Processor.Clock.HotCounts.IpiMessages++;
        lane.Activity = Activity.Writing;
        if (unsent.NextFrom(0) >= schedule.Count)
        {
            FinishSending(lane);
        }
    }

    private void FinishSending(Lane lane)
    {
        lane.Shootdown.Sent(lane.Now);
        lane.Activity = _options.LocalFlush == LocalFlush.Overlapped ? Activity.FlushingLocally : Activity.Waiting;
    }

    private void Complete(Lane lane)
    {
        ShootdownParts parts = lane.Shootdown.Describe(lane.Now, _costs);
        if (parts.Targets > 0 && _options.Requests == RequestPassing.SharedMessage)
        {
            locks.Release(lane.Processor, machine.RequestLock);
        }

        _parts[lane.Processor.Index] = parts;
        Completed++;
        lane.Activity = Activity.Asking;
    }
}
