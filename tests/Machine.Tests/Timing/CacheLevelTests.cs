using X86Pae.Timing;

namespace X86Pae.Tests.Timing;

public sealed class CacheLevelTests
{
    // Sets: L1 64, L2 512, L3 8192; so multiples of 4 KiB, 32 KiB and 512 KiB are the same set.
    [Fact]
    public void DataAccess_ThreeLevels_CostsTheNearestThatHoldsTheLine()
    {
        var clock = new ProcessorClock(CpuModels.Find("nehalem-lynnfield")!);

        Assert.Equal(198, Access(clock, 0));
        Assert.Equal(4, Access(clock, 63));
        Touch(clock, stride: 4096, lines: 8);
        Assert.Equal(10, Access(clock, 0));
        Touch(clock, stride: 64 * 1024, lines: 8);
        Assert.Equal(40, Access(clock, 0));
        Touch(clock, stride: 1024 * 1024, lines: 16);
        long before = clock.Counts.MemoryAccesses;
        Assert.Equal(198, Access(clock, 0));
        Assert.Equal(before + 1, clock.Counts.MemoryAccesses);
    }

    [Fact]
    public void DataAccess_TwoLevels_GoesToMemoryBehindTheSecond()
    {
        var clock = new ProcessorClock(CpuModels.CoreDuo);
        Access(clock, 0);
        Touch(clock, stride: 4096, lines: 8);
        Assert.Equal(14, Access(clock, 0));
        Assert.Equal(9, clock.Counts.MemoryAccesses);
        Touch(clock, stride: 256 * 1024, lines: 8);
        Assert.Equal(235, Access(clock, 0));
        Assert.Equal(18, clock.Counts.MemoryAccesses);
    }

    // On Pentium 4 a table entry is read from L2, and reading it brings nothing into L1.
    [Theory]
    [InlineData("pentium4-northwood", 350, 19, 19, 2)]
    [InlineData("pentium4-prescott", 372, 28, 28, 4)]
    [InlineData("core-duo", 235, 3, 3, 3)]
    public void TableLoad_IsServedByTheFirstLevelThatWalksRead(string name, int cold, int again, int data, int dataAgain)
    {
        var clock = new ProcessorClock(CpuModels.Find(name)!);

        Assert.Equal(cold, Table(clock, 0x1000));
        Assert.Equal(again, Table(clock, 0x1008));
        Assert.Equal(data, Access(clock, 0x1000));
        Assert.Equal(dataAgain, Access(clock, 0x1000));
        Assert.Equal(again, Table(clock, 0x1000));
        Assert.Equal(1, clock.Counts.MemoryAccesses);
        Assert.Equal(3, clock.Counts.TableLoads);
        (long, long, long) places = clock.Model.WalksBypassL1 ? (0, 2, 1) : (2, 0, 1);
        Assert.Equal(places, PlacesOfTableLoads(clock));
        Assert.Equal(cold + (2 * again), clock.Accounts[CycleAccount.Refill]);
    }

    [Fact]
    public void TableLoad_Uncached_IsFromMemory()
    {
        var clock = new ProcessorClock(CpuModels.CoreDuo);
        Table(clock, 0x1000);

        new CycleTiming(clock).TableLoaded(0x1000, isCached: false);

        Assert.Equal((0L, 0L, 2L), PlacesOfTableLoads(clock));
    }

    private static (long L1, long OuterCaches, long Memory) PlacesOfTableLoads(ProcessorClock clock) =>
        (clock.Counts.TableLoadsFromL1, clock.Counts.TableLoadsFromOuterCaches, clock.Counts.TableLoadsFromMemory);

    private static void Touch(ProcessorClock clock, ulong stride, ulong lines)
    {
        for (ulong line = 1; line <= lines; line++)
        {
            Access(clock, line * stride);
        }
    }

    private static long Access(ProcessorClock clock, ulong address)
    {
        long start = clock.Now;
        new CycleTiming(clock).DataAccessed(address, isCached: true);
        return clock.Now - start;
    }

    private static long Table(ProcessorClock clock, ulong address)
    {
        long start = clock.Now;
        new CycleTiming(clock).TableLoaded(address, isCached: true);
        return clock.Now - start;
    }
}
