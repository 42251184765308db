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
    private readonly LaneSchedule _schedule;
    private readonly LaneLocks _locks;
    private readonly InitiatorProtocol _initiators;
    private readonly TargetProtocol _targets;
    private TProgram _program;

    /// <summary>Prepares a run; nothing happens yet.</summary>
    /// <param name="machine">The machine, as it stands. While the engine runs, nothing else is asked of it.</param>
    /// <param name="program">What its processors run.</param>
    public EventEngine(Machine machine, TProgram program)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _program = program;
        _schedule = new LaneSchedule(machine);
        _locks = new LaneLocks(_schedule, machine.RequestLock);
        _initiators = new InitiatorProtocol(machine, _schedule, _locks);
        _targets = new TargetProtocol(machine, _schedule, _locks);
    }

    /// <summary>The programs, with the state that they keep.</summary>
    public ref TProgram Program => ref _program;

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Shootdowns completed so far.</summary>
    public long Shootdowns => _initiators.Completed;

    /// <summary>Where the time of a processor's last shootdown went; all zero before its first.</summary>
    /// <param name="processor">The initiator.</param>
    public ShootdownParts LastShootdown(Processor processor)
    {
        ArgumentNullException.ThrowIfNull(processor);
        return _initiators.LastOf(processor.Index);
    }

    /// <summary>Runs until nothing can happen any more, or for a time.</summary>
    /// <param name="until">Last moment at which a step may begin, in cycles since the start.</param>
    /// <returns>Why it ended; after <see cref="RunOutcome.TimeIsUp"/> it can go on.</returns>
    /// <exception cref="InvalidOperationException">A program asks for what its processor cannot do.</exception>
    public RunOutcome Run(long until = long.MaxValue)
    {
        while (_schedule.FirstTime != EventOrder.Never)
        {
            if (_schedule.FirstTime > until)
            {
                return RunOutcome.TimeIsUp;
            }

            Lane lane = _schedule.First;
            Steps++;
            Act(lane, _schedule.FirstTime);
            _schedule.Set(lane);
        }

        return _schedule.AllHalted() ? RunOutcome.Finished : RunOutcome.Deadlocked;
    }

    private void Act(Lane lane, long now)
    {
        if (lane.Handler != HandlerPhase.None)
        {
            _targets.Handle(lane);
        }
        else if (_schedule.AcceptanceTime(lane) == now)
        {
            _targets.Accept(lane, now);
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
                _locks.TakeHanded(lane);
                break;
            case Activity.Sleeping:
                processor.Clock.IdleUntil(lane.WokenAt);
                lane.Activity = Activity.Asking;
                break;
            default:
                _initiators.Proceed(lane);
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
                LaneLocks.Acquire(lane, operation.Lock!);
                break;
            case ProcessorOperationKind.Release:
                _locks.Release(processor, operation.Lock!);
                break;
            case ProcessorOperationKind.Sleep:
                operation.Channel!.Add(processor);
                lane.WokenAt = EventOrder.Never;
                lane.Activity = Activity.Sleeping;
                if (operation.Lock is not null)
                {
                    _locks.Release(processor, operation.Lock);
                }

                break;
            case ProcessorOperationKind.WakeOne when operation.Channel!.Count > 0:
                _schedule.Wake(operation.Channel.TakeFirst(), processor.Clock.Now);
                break;
            case ProcessorOperationKind.WakeAll:
                while (operation.Channel!.Count > 0)
                {
                    _schedule.Wake(operation.Channel.TakeFirst(), processor.Clock.Now);
                }

                break;
            case ProcessorOperationKind.DisableInterrupts:
                processor.DisableInterrupts(CycleAccount.Lock);
                break;
            case ProcessorOperationKind.EnableInterrupts:
                processor.EnableInterrupts(CycleAccount.Lock);
                break;
            case ProcessorOperationKind.Shootdown:
                _initiators.Begin(lane);
                break;
            case ProcessorOperationKind.Halt:
                lane.Activity = Activity.Halted;
                break;
        }
    }
}
