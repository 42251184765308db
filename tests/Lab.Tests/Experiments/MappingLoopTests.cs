using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Lab.Experiments;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Experiments;

public sealed class MappingLoopTests
{
    private static readonly PageFrame HighMemory = new(0x10_0000);

    private readonly GuestKernel _kernel = GuestKernel.Boot(CpuModels.CoreDuo, processors: 4);

    [Fact]
    public void Run_EachMapping_IsMadeByTheNextCpu()
    {
        MappingLoop loop = MappingLoop.Of(_kernel, new KmapAtomic(_kernel), TouchedPage.Shuffled(HighMemory, 64));

        loop.Run(8);

        Assert.Equal((32L, 8), (_kernel.Counts.EntryStores, loop.Cost.Maps));
        Assert.All(_kernel.Machine.Processors.ToArray(), processor => Assert.Equal(2, processor.Clock.Counts.Invlpgs));
    }

    [Fact]
    public void Cost_SinceAnEarlierMoment_IsThatOfWhatWasRunInBetween()
    {
        MappingLoop loop = MappingLoop.Of(_kernel, new KmapAtomic(_kernel), TouchedPage.InOrder(HighMemory, 64));
        loop.Run(64);
        MappingCost before = loop.Cost;

        loop.Run(128);

        MappingCost cost = loop.Cost.Since(before);
        Assert.Equal((128, 128L * CpuModels.CoreDuo.Invlpg.Value), (cost.Maps, cost.Accounts[CycleAccount.Flush]));
    }

    [Fact]
    public void Run_Warm_AllocatesNothing()
    {
        MappingLoop loop = MappingLoop.Of(_kernel, new KmapLocal(_kernel), TouchedPage.Shuffled(HighMemory, 4096));
        loop.Run(8192);
        long before = GC.GetAllocatedBytesForCurrentThread();

        loop.Run(8192);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Shows the first page for every other one.
    [Fact]
    public void Run_StrategyThatMapsAnotherPage_IsRefused()
    {
        var strategy = new OnePage(new KmapLocal(_kernel), HighMemory);
        MappingLoop loop = MappingLoop.Of(_kernel, strategy, TouchedPage.InOrder(HighMemory, 2));

        Assert.Throws<InvalidOperationException>(() => loop.Run(2));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, false)]
    [InlineData(1024, true)]
    public void Of_NumberOfPages_IsAPowerOfTwo(int count, bool accepted)
    {
        Exception? refused = Record.Exception(
            () => MappingLoop.Of(_kernel, new KmapLocal(_kernel), TouchedPage.InOrder(HighMemory, count)));

        Assert.Equal(accepted, refused is null);
        Assert.True(refused is null or ArgumentException { ParamName: "pages" });
    }

    private readonly struct OnePage(KmapLocal local, PageFrame page) : IMappingStrategy
    {
        public static string Name => "one page";

        public static MappingContract Contract => KmapLocal.Contract;

        public MapOutcome Map(Processor processor, PageFrame frame) => local.Map(processor, page);

        public UnmapStatus Unmap(Processor processor, PageFrame frame, uint address) => local.Unmap(processor, page, address);

        public void SwitchOut(Processor processor, KernelTask task)
        {
        }

        public void SwitchIn(Processor processor, KernelTask task)
        {
        }
    }
}
