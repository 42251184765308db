using X86Pae.Kmap.Kernel;

namespace X86Pae.Kmap.Tests.Kernel;

public sealed class KernelTaskTests
{
    private readonly TestKernel _test = new(processors: 2);

    [Fact]
    public void PerTask_ManyTasks_KeepsOneStateForEach()
    {
        int made = 0;
        var states = new PerTask<int[]>(() => [++made]);
        KernelTask[] tasks = [.. Enumerable.Range(0, 100).Select(_test.Kernel.NewTask)];

        int[][] reversed = [.. tasks.Reverse().Select(task => states[task])];

        Assert.Equal(100, made);
        Assert.All(tasks.Reverse().Zip(reversed), pair => Assert.Same(pair.Second, states[pair.First]));
    }

    [Fact]
    public void WaitQueue_TwoSleepers_AreWokenTogether()
    {
        var queue = new WaitQueueHead(_test.Kernel);
        KernelTask first = _test.Kernel.Current(_test.Cpu(0));
        KernelTask second = _test.Kernel.Current(_test.Cpu(1));

        queue.Sleep(_test.Cpu(0));
        Assert.Equal((true, false, false), (first.IsSleeping, second.IsSleeping, queue.IsEmpty));
        queue.Sleep(_test.Cpu(1));
        queue.WakeAll(_test.Cpu(1));

        Assert.Equal((false, false, true), (first.IsSleeping, second.IsSleeping, queue.IsEmpty));
    }
}
