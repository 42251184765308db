using X86Pae.Kmap.Kernel;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Kmap.Tests.Kernel;

// Core Duo: a locked operation 21, the line from another CPU 60, PUSHF and POPF 24, CLI 9.
public sealed class KernelSpinLockTests
{
    private readonly TestKernel _test = new(processors: 2);
    private readonly KernelSpinLock _lock = new();
    private KernelCounts _counts;

    [Fact]
    public void Acquire_Free_CostsOneLockedOperation()
    {
        Assert.Equal(21, CostOfAcquire(_test.Cpu(0)));
        _lock.Release(_test.Cpu(0));
        Assert.Equal(21, CostOfAcquire(_test.Cpu(0)));

        Assert.Equal(new KernelCounts { LockAcquisitions = 2 }, _counts);
    }

    [Fact]
    public void Acquire_HeldLastByAnotherCpu_FetchesTheLine()
    {
        _lock.Acquire(_test.Cpu(0), ref _counts);
        _lock.Release(_test.Cpu(0));
        _test.Cpu(1).Clock.IdleUntil(1_000_000);

        Assert.Equal(21 + 60, CostOfAcquire(_test.Cpu(1)));
    }

    [Fact]
    public void Acquire_HeldByAnotherCpu_WaitsUntilItIsReleased()
    {
        _lock.Acquire(_test.Cpu(0), ref _counts);
        _test.Cpu(0).Clock.Charge(CycleAccount.Work, 500);
        _lock.Release(_test.Cpu(0));
        long wait = _test.Cpu(0).Clock.Now - _test.Cpu(1).Clock.Now;

        Assert.Equal(wait + 21 + 60, CostOfAcquire(_test.Cpu(1)));
        Assert.Equal(new KernelCounts { LockAcquisitions = 2, LockContentions = 1 }, _counts);
    }

    [Fact]
    public void AcquireIrqSave_Free_CostsTheInterruptFlagToo()
    {
        ProcessorClock clock = _test.Cpu(0).Clock;
        long before = clock.Accounts[CycleAccount.Lock];

        _lock.AcquireIrqSave(_test.Cpu(0), ref _counts);

        Assert.Equal(before + 24 + 9 + 21, clock.Accounts[CycleAccount.Lock]);
    }

    private long CostOfAcquire(Processor processor)
    {
        long before = processor.Clock.Accounts[CycleAccount.Lock];
        _lock.Acquire(processor, ref _counts);
        return processor.Clock.Accounts[CycleAccount.Lock] - before;
    }
}
