using System.Diagnostics.CodeAnalysis;
using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>A lock of a simulated kernel, served in the order in which processors ask (FIFO, as ticket and queued locks).</summary>
/// <remarks>
/// Taking it costs a locked operation and, if another processor had it last, the transfer of its line. Releasing is a plain store
/// and is not charged. It can be used in two ways: at once, by <see cref="Acquire"/>, where a processor that comes too early waits
/// until the moment of the last release; or by programs of an <see cref="EventEngine{TProgram}"/>, where it queues.
/// </remarks>
public abstract class SimulatedLock
{
    private readonly bool _spins;
    private readonly Queue<Processor> _waiters = new();
    private Processor? _holder;
    private Processor? _lastHolder;
    private long _freeFrom;

    private protected SimulatedLock(bool spins) => _spins = spins;

    /// <summary>Who holds it; null while it is free.</summary>
    public Processor? Holder => _holder;

    /// <summary>Number of processors that wait for it.</summary>
    public int Waiters => _waiters.Count;

    /// <summary>Waits until the lock has been released and takes it.</summary>
    /// <param name="processor">The processor.</param>
    /// <returns>Whether it had to wait.</returns>
    /// <exception cref="InvalidOperationException">It is held: it would never be released meanwhile.</exception>
    public bool Acquire(Processor processor)
    {
        ArgumentNullException.ThrowIfNull(processor);
        if (_holder is not null)
        {
            ThrowHeld(_holder, processor);
        }

        bool waits = _freeFrom > processor.Clock.Now;
        if (waits)
        {
            WaitUntil(processor, _freeFrom);
        }

        Take(processor);
        return waits;
    }

    /// <summary>Gives the lock back.</summary>
    /// <param name="processor">The processor that holds it.</param>
    /// <exception cref="InvalidOperationException">It does not hold it, or others are queued, whom only their engine can wake.</exception>
    public void Release(Processor processor)
    {
        if (Hand(processor) is not null)
        {
            throw new InvalidOperationException("Others wait for the lock: their engine must release it.");
        }
    }

    /// <summary>Takes the lock if it is free, and otherwise queues for it.</summary>
    /// <param name="processor">The processor.</param>
    /// <returns>Whether it has the lock now.</returns>
    internal bool TakeOrQueue(Processor processor)
    {
        if (_holder is null)
        {
            WaitUntil(processor, _freeFrom);
            Take(processor);
            return true;
        }

        if (_holder == processor)
        {
            ThrowHeld(_holder, processor);
        }

        _waiters.Enqueue(processor);
        return false;
    }

    /// <summary>Gives the lock to whoever has waited longest.</summary>
    /// <param name="processor">The processor that holds it.</param>
    /// <returns>Who has it now; null if nobody waited.</returns>
    internal Processor? Hand(Processor processor)
    {
        ArgumentNullException.ThrowIfNull(processor);
        if (_holder != processor)
        {
            throw new InvalidOperationException($"Processor {processor.Index} does not hold the lock.");
        }

        _freeFrom = processor.Clock.Now;
        _holder = _waiters.Count == 0 ? null : _waiters.Dequeue();
        return _holder;
    }

    /// <summary>Lets a processor that the lock has been handed to go on.</summary>
    /// <param name="processor">The processor.</param>
    internal void TakeHanded(Processor processor)
    {
        WaitUntil(processor, _freeFrom);
        Take(processor);
    }

    /// <summary>Lets a processor that waits see the time; a spinning one is charged for it.</summary>
    /// <param name="processor">The processor.</param>
    /// <param name="moment">Until when.</param>
    internal void WaitUntil(Processor processor, long moment)
    {
        if (_spins)
        {
            processor.Clock.WaitUntil(CycleAccount.Lock, moment);
        }
        else
        {
            processor.Clock.IdleUntil(moment);
        }
    }

    [DoesNotReturn]
    private static void ThrowHeld(Processor holder, Processor processor) => throw new InvalidOperationException(
        $"Processor {holder.Index} holds the lock, and processor {processor.Index} would wait for ever.");

    private void Take(Processor processor)
    {
        processor.Clock.Charge(CycleAccount.Lock, processor.Machine.Costs.LockedRmw);
        if (_lastHolder is not null)
        {
            processor.Clock.Charge(
                CycleAccount.Lock, processor.Machine.Costs.Transfer(_lastHolder.Index, processor.Index));
        }

        _holder = processor;
        _lastHolder = processor;
    }
}
