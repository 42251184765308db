using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Kmap.Kernel;

/// <summary>A spinlock of the emulated kernel, whose acquisitions are counted. Interrupts stay on unless the caller says otherwise.</summary>
internal sealed class KernelSpinLock
{
    private readonly SimulatedSpinLock _lock = new();

    /// <summary>Spins until the lock is free and takes it.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="counts">Counts the acquisition.</param>
    public void Acquire(Processor processor, ref KernelCounts counts)
    {
        counts.LockAcquisitions++;
        counts.LockContentions += _lock.Acquire(processor) ? 1 : 0;
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
    public void Release(Processor processor) => _lock.Release(processor);
}
