namespace X86Pae.Smp;

/// <summary>The locks that lanes wait for: those of their programs, and the one around the description of a shootdown.</summary>
/// <param name="schedule">The lanes.</param>
/// <param name="requestLock">The lock around the description of a shootdown.</param>
internal sealed class LaneLocks(LaneSchedule schedule, SimulatedSpinLock requestLock)
{
    /// <summary>The lock that a lane waits for.</summary>
    /// <param name="lane">The lane.</param>
    public SimulatedLock WaitedForBy(Lane lane) =>
        lane.Operation.Kind == ProcessorOperationKind.Shootdown ? requestLock : lane.Operation.Lock!;

    /// <summary>Takes a lock, or begins to wait for it.</summary>
    /// <param name="lane">Who wants it.</param>
    /// <param name="taken">The lock.</param>
    public static void Acquire(Lane lane, SimulatedLock taken)
    {
        if (taken.TakeOrQueue(lane.Processor))
        {
            GoOn(lane);
        }
        else
        {
            lane.WokenAt = EventOrder.Never;
            lane.Activity = Activity.Locking;
        }
    }

    /// <summary>Takes the lock that was handed over.</summary>
    /// <param name="lane">Who waited for it.</param>
    public void TakeHanded(Lane lane)
    {
        WaitedForBy(lane).TakeHanded(lane.Processor);
        GoOn(lane);
    }

    /// <summary>Releases a lock, to whoever has waited longest for it.</summary>
    /// <param name="processor">Who holds it.</param>
    /// <param name="held">The lock.</param>
    public void Release(Processor processor, SimulatedLock held)
    {
        if (held.Hand(processor) is { } next)
        {
            schedule.Wake(next, processor.Clock.Now);
        }
    }

    private static void GoOn(Lane lane) => lane.Activity =
        lane.Operation.Kind == ProcessorOperationKind.Shootdown ? Activity.Inserting : Activity.Asking;
}
