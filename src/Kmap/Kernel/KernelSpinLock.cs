using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Kmap.Kernel;

/// <summary>A spinlock of the emulated kernel: it remembers when it becomes free, and whose cache holds it.</summary>
/// <remarks>
/// Acquiring costs a locked operation, the transfer of the line if another CPU had the lock last, and the wait while it is
/// held. Releasing is a plain store and is not charged. Interrupts stay on unless the caller says otherwise.
/// </remarks>
internal sealed class KernelSpinLock
{
    private long _freeAt;
    private int _lastOwner = -1;

    /// <summary>Spins until the lock is free and takes it.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="counts">Counts the acquisition.</param>
    public void Acquire(Processor processor, ref KernelCounts counts)
    {
        ProcessorClock clock = processor.Clock;
        counts.LockAcquisitions++;
        if (_freeAt > clock.Now)
        {
            counts.LockContentions++;
            clock.WaitUntil(CycleAccount.Lock, _freeAt);
        }

        clock.Charge(CycleAccount.Lock, clock.Model.LockedRmw);
        if (_lastOwner >= 0 && _lastOwner != processor.Index)
        {
            clock.Charge(CycleAccount.Lock, clock.Model.AckTransfer);
        }

        _lastOwner = processor.Index;
    }

    /// <summary>Takes the lock with interrupts saved and switched off (spin_lock_irqsave).</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="counts">Counts the acquisition.</param>
    public void AcquireIrqSave(Processor processor, ref KernelCounts counts)
    {
        processor.Clock.Charge(CycleAccount.Lock, processor.Clock.Model.PushfPopf);
        processor.Clock.Charge(CycleAccount.Lock, processor.Clock.Model.Cli);
        Acquire(processor, ref counts);
    }

    /// <summary>Gives the lock back.</summary>
    /// <param name="processor">The CPU that holds it.</param>
    public void Release(Processor processor) => _freeAt = processor.Clock.Now;
}
