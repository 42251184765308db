// Who has the lowest clock acts next; at equal clocks, the lowest number.
//
//   program    asks --> performs --> computes | waits for a lock | sleeps | shootdown --> asks ...
//                                                                    |
//   shootdown  [own part] set-up, insertion, { write ICR, message leaves }, [own part], waits for acknowledgements
//
//   handler    accepted --> takes all requests of the queue --> { flush --> acknowledges } --> returns
//
//   Between two steps of its program a processor accepts what has arrived, if its interrupts are on: while it computes, spins,
//   sleeps or waits for acknowledgements at any cycle, so that two that wait for each other both get on. A step itself, such as
//   the set-up or one message, is not interrupted. Requests become visible all at once, at the end of the set-up.

using System.Diagnostics.CodeAnalysis;
using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>Runs programs on all processors of a machine side by side, in the order of their clocks.</summary>
/// <typeparam name="TProgram">What they run.</typeparam>
/// <remarks>
/// One host thread and no wall clock: the same programs on the same machine give the same result, for any number of processors.
/// </remarks>
public sealed class EventEngine<TProgram>
    where TProgram : struct, IProgram
{
    private const int BulkOrder = 64; // from so many changes on, ordering anew is cheaper than one by one

    private readonly Machine _machine;
    private readonly ShootdownCosts _costs;
    private readonly ShootdownOptions _options;
    private readonly InterruptNetwork _network;
    private readonly Lane[] _lanes;
    private readonly ShootdownParts[] _parts;
    private readonly EventOrder _order;
    private TProgram _program;

    /// <summary>Prepares a run; nothing happens yet.</summary>
    /// <param name="machine">The machine, as it stands. While the engine runs, nothing else is asked of it.</param>
    /// <param name="program">What its processors run.</param>
    public EventEngine(Machine machine, TProgram program)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _machine = machine;
        _program = program;
        _costs = machine.Costs;
        _options = machine.Options;
        _network = machine.Network;
        _lanes = new Lane[machine.Processors.Length];
        _parts = new ShootdownParts[_lanes.Length];
        _order = new EventOrder(_lanes.Length);
        for (int i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new Lane(machine.Processors[i]);
            Schedule(_lanes[i]);
        }
    }

    /// <summary>The programs, with the state that they keep.</summary>
    public ref TProgram Program => ref _program;

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Shootdowns completed so far.</summary>
    public long Shootdowns { get; private set; }

    /// <summary>Where the time of a processor's last shootdown went; all zero before its first.</summary>
    /// <param name="processor">The initiator.</param>
    public ShootdownParts LastShootdown(Processor processor)
    {
        ArgumentNullException.ThrowIfNull(processor);
        return _parts[processor.Index];
    }

    /// <summary>Runs until nothing can happen any more, or for a time.</summary>
    /// <param name="until">Last moment at which a step may begin, in cycles since the start.</param>
    /// <returns>Why it ended; after <see cref="RunOutcome.TimeIsUp"/> it can go on.</returns>
    /// <exception cref="InvalidOperationException">A program asks for what its processor cannot do.</exception>
    public RunOutcome Run(long until = long.MaxValue)
    {
        while (_order.FirstTime != EventOrder.Never)
        {
            if (_order.FirstTime > until)
            {
                return RunOutcome.TimeIsUp;
            }

            Lane lane = _lanes[_order.First];
            Steps++;
            Act(lane, _order.FirstTime);
            Schedule(lane);
        }

        return Array.TrueForAll(_lanes, lane => lane.Activity == Activity.Halted) ? RunOutcome.Finished : RunOutcome.Deadlocked;
    }

    private void Schedule(Lane lane) => _order.Set(lane.Processor.Index, NextTime(lane));

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

    private long AcceptanceTime(Lane lane)
    {
        long from = Math.Max(lane.Inbox.NextArrival, _machine.AcceptsFrom[lane.Processor.Index]);
        return from == EventOrder.Never || lane.Activity is Activity.Inserting or Activity.Leaving
            ? EventOrder.Never
            : Math.Max(from, lane.Now);
    }

    private void Act(Lane lane, long now)
    {
        if (lane.Handler != HandlerPhase.None)
        {
            Handle(lane);
        }
        else if (AcceptanceTime(lane) == now)
        {
            Accept(lane, now);
        }
        else
        {
            Proceed(lane);
        }
    }

    private void Proceed(Lane lane)
    {
        Processor processor = lane.Processor;
        switch (lane.Activity)
        {
            case Activity.Asking:
                lane.Operation = _program.NextOperation(processor);
                lane.Activity = Activity.Performing;
                break;
            case Activity.Performing:
                Perform(lane, lane.Operation);
                break;
            case Activity.Computing:
                processor.Clock.Charge(CycleAccount.Work, lane.Remaining);
                lane.Activity = Activity.Asking;
                break;
            case Activity.Locking:
                LockOf(lane).TakeHanded(processor);
                Locked(lane);
                break;
            case Activity.Sleeping:
                processor.Clock.IdleUntil(lane.WokenAt);
                lane.Activity = Activity.Asking;
                break;
            default:
                ProceedShootdown(lane);
                break;
        }
    }

    private void Perform(Lane lane, ProcessorOperation operation)
    {
        Processor processor = lane.Processor;
        lane.Activity = Activity.Asking;
        switch (operation.Kind)
        {
            case ProcessorOperationKind.Compute:
                lane.Remaining = operation.Cycles;
                lane.Activity = Activity.Computing;
                break;
            case ProcessorOperationKind.Acquire:
                AcquireLock(lane, operation.Lock!);
                break;
            case ProcessorOperationKind.Release:
                ReleaseLock(processor, operation.Lock!);
                break;
            case ProcessorOperationKind.Sleep:
                operation.Channel!.Add(processor);
                lane.WokenAt = EventOrder.Never;
                lane.Activity = Activity.Sleeping;
                if (operation.Lock is not null)
                {
                    ReleaseLock(processor, operation.Lock);
                }

                break;
            case ProcessorOperationKind.WakeOne when operation.Channel!.Count > 0:
                Wake(operation.Channel.TakeFirst(), processor.Clock.Now);
                break;
            case ProcessorOperationKind.WakeAll:
                while (operation.Channel!.Count > 0)
                {
                    Wake(operation.Channel.TakeFirst(), processor.Clock.Now);
                }

                break;
            case ProcessorOperationKind.DisableInterrupts:
                processor.DisableInterrupts(CycleAccount.Lock);
                break;
            case ProcessorOperationKind.EnableInterrupts:
                processor.EnableInterrupts(CycleAccount.Lock);
                break;
            case ProcessorOperationKind.Shootdown:
                BeginShootdown(lane);
                break;
            case ProcessorOperationKind.Halt:
                lane.Activity = Activity.Halted;
                break;
        }
    }

    /// <summary>The lock that a processor waits for: its program's, or the one around the description of a shootdown.</summary>
    private SimulatedLock LockOf(Lane lane) =>
        lane.Operation.Kind == ProcessorOperationKind.Shootdown ? _machine.RequestLock : lane.Operation.Lock!;

    private static void AcquireLock(Lane lane, SimulatedLock taken)
    {
        if (taken.TakeOrQueue(lane.Processor))
        {
            Locked(lane);
        }
        else
        {
            lane.WokenAt = EventOrder.Never;
            lane.Activity = Activity.Locking;
        }
    }

    private static void Locked(Lane lane) => lane.Activity =
        lane.Operation.Kind == ProcessorOperationKind.Shootdown ? Activity.Inserting : Activity.Asking;

    private void ReleaseLock(Processor processor, SimulatedLock held)
    {
        if (held.Hand(processor) is { } next)
        {
            Wake(next, processor.Clock.Now);
        }
    }

    private void Wake(Processor sleeper, long now)
    {
        Lane lane = _lanes[sleeper.Index];
        lane.WokenAt = now;
        Schedule(lane);
    }

    private ProcessorSet ProcessorsOf(Lane lane) => lane.Operation.Processors is { } some
        ? some.Intersect(ProcessorSet.First(_lanes.Length))
        : ProcessorSet.First(_lanes.Length);

    private ProcessorSet TargetsOf(Lane lane)
    {
        ProcessorSet targets = ProcessorsOf(lane);
        targets.Remove(lane.Processor.Index);
        return targets;
    }

    private static bool IsLocalToo(Lane lane) => lane.Operation.Processors is not { } some || some.Contains(lane.Processor.Index);

    private void BeginShootdown(Lane lane)
    {
        if (!lane.Processor.InterruptsEnabled && TargetsOf(lane).Count > 0)
        {
            ThrowInterruptsOff(lane.Processor.Index);
        }

        lane.Shootdown.Begin(lane.Now);
        lane.Activity = _options.LocalFlush == LocalFlush.First ? Activity.FlushingFirst : Activity.SettingUp;
    }

    [DoesNotReturn]
    private static void ThrowInterruptsOff(int processor) => throw new InvalidOperationException(
        $"Processor {processor} begins a shootdown with its interrupts off: two that did so would wait for each other for ever.");

    private void ProceedShootdown(Lane lane)
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
            AcquireLock(lane, _machine.RequestLock);
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
        for (int i = targets.NextFrom(0); i < _lanes.Length; i = targets.NextFrom(i + 1))
        {
            InterruptInbox inbox = _lanes[i].Inbox;
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
        lane.Processor.Clock.Counts.IpisSent += count;
        lane.Activity = Activity.Writing;
    }

    private void Leave(Lane lane)
    {
        int initiator = lane.Processor.Index;
        PendingShootdown shootdown = lane.Shootdown;
        SentMessage message = _network.Leave(lane.Processor);
        ProcessorSet unsent = shootdown.Unsent;
        int first = unsent.NextFrom(0);
        int end = Math.Min(((first / shootdown.Group) + 1) * shootdown.Group, _lanes.Length);
        bool bulk = unsent.Count >= BulkOrder;
        for (int i = first; i < end; i = unsent.NextFrom(i + 1))
        {
            Lane target = _lanes[i];
            target.Inbox.Expect(
                new InterruptRequest(initiator, message.Sent, _network.ArrivalAt(message, initiator, target.Processor.Index)));
            unsent.Remove(i);
            if (bulk)
            {
                _order.SetUnordered(i, NextTime(target));
            }
            else
            {
                Schedule(target);
            }
        }

        if (bulk)
        {
            _order.Rebuild();
        }

        shootdown.MessageSent(in unsent);
        lane.Processor.Clock.Counts.IpiMessages++;
        lane.Activity = Activity.Writing;
        if (unsent.NextFrom(0) >= _lanes.Length)
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
            ReleaseLock(lane.Processor, _machine.RequestLock);
        }

        _parts[lane.Processor.Index] = parts;
        Shootdowns++;
        lane.Activity = Activity.Asking;
    }

    /// <summary>Takes an interrupt; what the program was at stands still until the return.</summary>
    private void Accept(Lane lane, long now)
    {
        ProcessorClock clock = lane.Processor.Clock;
        switch (lane.Activity)
        {
            case Activity.Computing:
                lane.Remaining -= now - clock.Now;
                clock.WaitUntil(CycleAccount.Work, now);
                break;
            case Activity.Locking:
                LockOf(lane).WaitUntil(lane.Processor, now);
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
        clock.Counts.IpisHandled++;
        clock.Charge(CycleAccount.Shootdown, entry + _costs.EndOfInterrupt + _costs.Handler);
        lane.Overhead = clock.Now - now + _costs.Return;
        lane.Path = new PathToAcknowledgement { Target = lane.Processor.Index, Accepted = now, Entry = entry };
        lane.Handler = HandlerPhase.Taking;
    }

    private void Handle(Lane lane)
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
            _lanes[request.Initiator].Operation.Flush.ApplyTo(lane.Processor);
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
        Lane initiator = _lanes[lane.Path.Request.Initiator];
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
            Schedule(initiator);
        }
    }
}
