using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Kmap.Kernel;

/// <summary>A spinlock of the emulated kernel, served first come, first served, whose acquisitions the kernel counts.</summary>
/// <remarks>
/// Charged to <see cref="CycleAccount.Lock"/>: the locked operation, the transfer of the line if another CPU had the lock last,
/// and the time until the last release if that is still to come. Source: Linux 6.12 include/linux/spinlock.h.
/// </remarks>
/// <param name="kernel">The kernel.</param>
public sealed class KernelSpinLock(GuestKernel kernel)
{
    private readonly GuestKernel _kernel = kernel ?? throw new ArgumentNullException(nameof(kernel));
    private readonly SimulatedSpinLock _lock = new();

    /// <summary>Takes the lock (spin_lock); interrupts stay as they are.</summary>
    /// <param name="processor">The CPU.</param>
    /// <exception cref="InvalidOperationException">The lock is held already: the CPU would spin for ever.</exception>
    public void Lock(Processor processor) => _kernel.CountLock(_lock.Acquire(processor));

    /// <summary>Gives the lock back (spin_unlock).</summary>
    /// <param name="processor">The CPU.</param>
    /// <exception cref="InvalidOperationException">The CPU does not hold the lock.</exception>
    public void Unlock(Processor processor) => _lock.Release(processor);

    /// <summary>Takes the lock with interrupts off (spin_lock_irqsave); saving the flags and CLI are charged too.</summary>
    /// <param name="processor">The CPU.</param>
    /// <returns>The saved flags for <see cref="UnlockIrqRestore"/>: whether interrupts were on.</returns>
    /// <exception cref="InvalidOperationException">The lock is held already: the CPU would spin for ever.</exception>
    public bool LockIrqSave(Processor processor)
    {
        ArgumentNullException.ThrowIfNull(processor);
        bool flags = processor.InterruptsEnabled;
        processor.Clock.Charge(CycleAccount.Lock, processor.Clock.Model.PushfPopf);
        processor.DisableInterrupts(CycleAccount.Lock);
        Lock(processor);
        return flags;
    }

    /// <summary>Gives the lock back and restores the flags (spin_unlock_irqrestore); POPF was charged with PUSHF.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="flags">What <see cref="LockIrqSave"/> has returned.</param>
    /// <exception cref="InvalidOperationException">The CPU does not hold the lock.</exception>
    public void UnlockIrqRestore(Processor processor, bool flags)
    {
        Unlock(processor);
        if (flags)
        {
            processor.HoldInterruptsUntil(0);
        }
    }
}
