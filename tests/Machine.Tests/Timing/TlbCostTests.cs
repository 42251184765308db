using X86Pae.Timing;

namespace X86Pae.Tests.Timing;

// What each way to a translation costs on top of a hit in the nearest TLB, with the directory entry in the PDE cache and the
// line of the PTE in the caches (docs/validation.md, V20 to V24).
public sealed class TlbCostTests
{
    // V20 to V24. The load misses every level.
    [Theory]
    [InlineData("pentium3-katmai", 5)]
    [InlineData("pentium3-tualatin", 5)]
    [InlineData("pentium-m-dothan", 5)]
    [InlineData("yonah-celeron215", 5)]
    [InlineData("core-duo", 5)]
    [InlineData("core2-conroe", 2 + 7)]
    [InlineData("core2-yorkfield", 2 + 7)]
    [InlineData("pentium4-northwood", 31)]
    [InlineData("pentium4-prescott", 36)]
    [InlineData("nehalem-lynnfield", 7 + 9)]
    [InlineData("sandybridge", 7 + 9)]
    [InlineData("haswell", 7 + 9)]
    [InlineData("skylake", 7 + 9)]
    [InlineData("k8-manchester", 6 + 11)]
    [InlineData("k10-thuban", 4 + 19)]
    [InlineData("zen1", 8 + 19)]
    public void Load_TlbMissWithTheEntriesInTheCaches_CostsWhatWasMeasured(string name, long expected)
    {
        TimedGuest guest = Warm(name, 2);
        long hit = guest.Load(0);
        guest.FlushTlbs();
        guest.Load(1);
        EventCounts before = guest.Clock.Counts;

        Assert.Equal(guest.Clock.Model.L1.LoadToUse.Value, hit);
        Assert.Equal(expected, guest.Load(0) - hit);
        Assert.Equal(1, guest.Clock.Counts.Walks - before.Walks);
        Assert.Equal(1, guest.Clock.Counts.TableLoads - before.TableLoads);
        Assert.Equal(1, guest.Clock.Counts.FirstLevelMisses - before.FirstLevelMisses);
        Assert.Equal(0, guest.Clock.Counts.SecondLevelHits - before.SecondLevelHits);
        Assert.Equal(0, guest.Clock.Counts.MemoryAccesses - before.MemoryAccesses);
    }

    // V21: the level that only loads use has 4 sets of 4, the one behind it still holds the page.
    [Theory]
    [InlineData("core2-conroe")]
    [InlineData("core2-yorkfield")]
    public void Load_NotInTheLoadLevel_CostsTwoCycles(string name)
    {
        TimedGuest guest = Warm(name, 33);
        long hit = guest.Load(0);
        foreach (int page in (int[])[4, 8, 12, 16, 20, 24, 28, 32])
        {
            guest.Load(page);
        }

        EventCounts before = guest.Clock.Counts;
        Assert.Equal(2, guest.Load(0) - hit);
        Assert.Equal(1, guest.Clock.Counts.LoadLevelMisses - before.LoadLevelMisses);
        Assert.Equal(before.FirstLevelMisses, guest.Clock.Counts.FirstLevelMisses);
    }

    [Theory]
    [InlineData("core2-conroe")]
    [InlineData("core2-yorkfield")]
    public void Store_OnCore2_PaysNothingForTheLoadLevel(string name)
    {
        TimedGuest guest = Warm(name, 2);
        guest.FlushTlbs();
        guest.Store(1);
        EventCounts before = guest.Clock.Counts;

        Assert.Equal(3 + 7, guest.Store(0));
        Assert.Equal(3, guest.Store(0));
        Assert.Equal(before.LoadLevelMisses, guest.Clock.Counts.LoadLevelMisses);
        Assert.Equal(3 + 2, guest.Load(0));
        Assert.Equal(3, guest.Load(0));
        Assert.Equal(1, guest.Clock.Counts.LoadLevelMisses - before.LoadLevelMisses);
    }

    // The first level has 16 sets of 4; the second holds all nine pages.
    [Theory]
    [InlineData("nehalem-lynnfield", 7)]
    [InlineData("sandybridge", 7)]
    [InlineData("haswell", 7)]
    [InlineData("skylake", 7)]
    public void Load_SecondLevelHit_CostsSevenCycles(string name, long expected)
    {
        TimedGuest guest = Warm(name, 129);
        long hit = guest.Load(0);
        foreach (int page in (int[])[16, 32, 48, 64, 80, 96, 112, 128])
        {
            guest.Load(page);
        }

        EventCounts before = guest.Clock.Counts;
        Assert.Equal(expected, guest.Load(0) - hit);
        Assert.Equal(1, guest.Clock.Counts.FirstLevelMisses - before.FirstLevelMisses);
        Assert.Equal(1, guest.Clock.Counts.SecondLevelHits - before.SecondLevelHits);
        Assert.Equal(before.Walks, guest.Clock.Counts.Walks);
        Assert.Equal(hit, guest.Load(0));
    }

    [Theory]
    [InlineData("k8-manchester", 32, 6)]
    [InlineData("k10-thuban", 48, 4)]
    [InlineData("zen1", 64, 8)]
    public void Load_OnePageMoreThanAFullyAssociativeFirstLevel_HitsTheSecond(string name, int capacity, long expected)
    {
        TimedGuest guest = Warm(name, capacity + 1);
        for (int page = 0; page <= capacity; page++)
        {
            guest.Load(page);
        }

        Assert.Equal(expected + guest.Clock.Model.L1.LoadToUse.Value, guest.Load(0));
    }

    // A unified second level serves a fetch; nothing is charged for the level that only loads use.
    [Theory]
    [InlineData("nehalem-lynnfield", 7, 1)]
    [InlineData("core2-conroe", 7, 0)]
    [InlineData("zen1", 8 + 19, 0)]
    public void Fetch_FromAPageThatOnlyLoadsHaveUsed_GoesAsFarAsItMust(string name, long expected, int secondLevelHits)
    {
        TimedGuest guest = Warm(name, 2);
        EventCounts before = guest.Clock.Counts;

        Assert.Equal(expected + guest.Clock.Model.L1.LoadToUse.Value, guest.Fetch(0));
        Assert.Equal(secondLevelHits, guest.Clock.Counts.SecondLevelHits - before.SecondLevelHits);
        Assert.Equal(before.LoadLevelMisses, guest.Clock.Counts.LoadLevelMisses);
    }

    [Theory]
    [InlineData("core-duo")]
    [InlineData("core2-conroe")]
    [InlineData("nehalem-lynnfield")]
    [InlineData("pentium4-northwood")]
    public void Load_NothingCached_PaysMemoryForBothEntriesAndTheData(string name)
    {
        CpuModel model = CpuModels.Find(name)!;
        var guest = new TimedGuest(model, 1);
        int levels = (model.LoadLevelMiss?.Value ?? 0) + (model.SecondLevelHit?.Value ?? 0);
        long before = guest.Clock.Counts.MemoryAccesses;
        long refill = guest.Clock.Accounts[CycleAccount.Refill];

        Assert.Equal(levels + model.WalkFixed.Value + (3 * model.Dram.Value), guest.Load(0));
        Assert.Equal(before + 3, guest.Clock.Counts.MemoryAccesses);
        Assert.Equal(2, guest.Clock.Counts.TableLoads);
        Assert.Equal(model.Dram.Value, guest.Clock.Accounts[CycleAccount.Work]);
        Assert.Equal(
            refill + levels + model.WalkFixed.Value + (2 * model.Dram.Value), guest.Clock.Accounts[CycleAccount.Refill]);
    }

    // V26 and V25: a cyclic walk over as many pages as the arrays hold never walks the tables, one over half as many again
    // always does.
    [Theory]
    [InlineData("pentium4-prescott", 64)]
    [InlineData("core2-conroe", 256)]
    [InlineData("core2-yorkfield", 256)]
    [InlineData("nehalem-lynnfield", 512)]
    [InlineData("sandybridge", 512)]
    [InlineData("haswell", 1024)]
    [InlineData("zen1", 1536)]
    [InlineData("k10-thuban", 512)]
    [InlineData("pentium-m-dothan", 128)]
    public void Loads_CyclicOverPages_WalkOnlyWhenTheyAreMoreThanTheTlbsHold(string name, int capacity)
    {
        Assert.Equal(0, WalkRatio(name, capacity));
        Assert.InRange(WalkRatio(name, capacity * 3 / 2), 0.97, 1);
    }

    private static TimedGuest Warm(string name, int pages)
    {
        var guest = new TimedGuest(CpuModels.Find(name)!, pages);
        for (int page = pages - 1; page >= 0; page--)
        {
            guest.Load(page);
        }

        return guest;
    }

    private static double WalkRatio(string name, int pages)
    {
        var guest = new TimedGuest(CpuModels.Find(name)!, pages);
        int[] order = [.. Enumerable.Range(0, pages)];
        new Random(1).Shuffle(order);
        long before = 0;
        for (int pass = 0; pass < 3; pass++)
        {
            before = guest.Clock.Counts.Walks;
            foreach (int page in order)
            {
                guest.Load(page);
            }
        }

        return (guest.Clock.Counts.Walks - before) / (double)pages;
    }
}
