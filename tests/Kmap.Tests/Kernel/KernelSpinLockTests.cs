using X86Pae.Kmap.Kernel;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Kmap.Tests.Kernel;

// Core Duo: a locked operation 21, the line from another CPU 60, PUSHF and POPF 24, CLI 9.
public sealed class KernelSpinLockTests
{
    private readonly TestKernel _test = new(processors: 2);
    private readonly KernelSpinLock _lock;

    public KernelSpinLockTests()
    {
        _lock = new KernelSpinLock(_test.Kernel);
    }

    [Fact]
    public void Lock_Free_CostsOneLockedOperation()
    {
        Assert.Equal(21, CostOfLock(_test.Cpu(0)));
        _lock.Unlock(_test.Cpu(0));
        Assert.Equal(21, CostOfLock(_test.Cpu(0)));

        Assert.Equal(new KernelCounts { LockAcquisitions = 2 }, _test.Kernel.Counts);
    }

    [Fact]
    public void Lock_HeldLastByAnotherCpu_FetchesTheLine()
    {
        _lock.Lock(_test.Cpu(0));
        _lock.Unlock(_test.Cpu(0));
        _test.Cpu(1).Clock.IdleUntil(1_000_000);

        Assert.Equal(21 + 60, CostOfLock(_test.Cpu(1)));
    }

    [Fact]
    public void Lock_HeldByAnotherCpu_WaitsUntilItIsReleased()
    {
        _lock.Lock(_test.Cpu(0));
        _test.Cpu(0).Clock.Charge(CycleAccount.Work, 500);
        _lock.Unlock(_test.Cpu(0));
        long wait = _test.Cpu(0).Clock.Now - _test.Cpu(1).Clock.Now;

        Assert.Equal(wait + 21 + 60, CostOfLock(_test.Cpu(1)));
        Assert.Equal(new KernelCounts { LockAcquisitions = 2, LockContentions = 1 }, _test.Kernel.Counts);
    }

    [Fact]
    public void LockIrqSave_Free_CostsTheInterruptFlagToo()
    {
        ProcessorClock clock = _test.Cpu(0).Clock;
        long before = clock.Accounts[CycleAccount.Lock];

        _lock.LockIrqSave(_test.Cpu(0));

        Assert.Equal(before + 24 + 9 + 21, clock.Accounts[CycleAccount.Lock]);
    }

    [Fact]
    public void LockIrqSave_Nested_RestoresTheFlagsOfEach()
    {
        var inner = new KernelSpinLock(_test.Kernel);
        Processor processor = _test.Cpu(0);

        bool outerFlags = _lock.LockIrqSave(processor);
        bool innerFlags = inner.LockIrqSave(processor);
        inner.UnlockIrqRestore(processor, innerFlags);
        Assert.False(processor.InterruptsEnabled);
        _lock.UnlockIrqRestore(processor, outerFlags);

        Assert.True(processor.InterruptsEnabled);
        Assert.Equal((true, false), (outerFlags, innerFlags));
    }

    // An initiator that accepts no interrupt cannot wait for others that may wait for it.
    [Fact]
    public void LockIrqSave_Held_RefusesAFlushOfAllCpus()
    {
        _lock.LockIrqSave(_test.Cpu(0));

        Assert.Throws<InvalidOperationException>(() => _test.Kernel.FlushTlbAll(_test.Cpu(0)));
    }

    private long CostOfLock(Processor processor)
    {
        long before = processor.Clock.Accounts[CycleAccount.Lock];
        _lock.Lock(processor);
        return processor.Clock.Accounts[CycleAccount.Lock] - before;
    }
}
