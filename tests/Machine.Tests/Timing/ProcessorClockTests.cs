using X86Pae.Timing;

namespace X86Pae.Tests.Timing;

public sealed class ProcessorClockTests
{
    private readonly ProcessorClock _clock = new(CpuModels.CoreDuo);

    [Fact]
    public void Charge_Cycles_AreSpentOnTheAccount()
    {
        _clock.Charge(CycleAccount.Flush, 7);
        _clock.Charge(CycleAccount.Flush, CpuModels.CoreDuo.Invlpg);

        Assert.Equal((157L, 157L, 0L), (_clock.Now, _clock.Accounts[CycleAccount.Flush], _clock.Accounts[CycleAccount.Work]));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Charge_NegativeCycles_IsRefusedAndChargesNothing(long cycles)
    {
        Assert.Equal("cycles", Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Charge(CycleAccount.Work, cycles)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => _clock.Charge(CycleAccount.Work, CpuModels.CoreDuo.Cli with { Value = -1 }));
        Assert.Equal((0L, default), (_clock.Now, _clock.Accounts));
    }

    [Theory]
    [InlineData(0, 8, 64, "l1.sizeInKiB: is not 1 to 1048576")]
    [InlineData(int.MaxValue, 8, 64, "l1.sizeInKiB: is not 1 to 1048576")]
    [InlineData(32, 0, 64, "l1.ways: is not 1 to 64")]
    [InlineData(32, 65, 64, "l1.ways: is not 1 to 64")]
    [InlineData(32, 7, 64, "l1.ways: does not divide the cache into whole sets of lines")]
    [InlineData(32, 8, 48, "lineSizeInBytes: is not a power of two from 8 to 4096")]
    public void Create_CacheThatCannotExist_NamesTheMemberOfTheModel(int sizeInKiB, int ways, int lineSize, string message)
    {
        CpuModel model = CpuModels.CoreDuo with
        {
            LineSizeInBytes = lineSize,
            L1 = CpuModels.CoreDuo.L1 with { SizeInKiB = sizeInKiB, Ways = ways },
        };

        ArgumentException e = Assert.Throws<ArgumentException>(() => new ProcessorClock(model));

        Assert.Equal("model", e.ParamName);
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    // One core's caches, two clocks: a line that one thread has brought in is there for the other.
    [Fact]
    public void Create_Sibling_SharesDataCachesAndNothingElse()
    {
        var sibling = new ProcessorClock(_clock, new ClockStates(1), 0);
        _clock.Charge(CycleAccount.Work, 9);

        Assert.Equal(235, _clock.MemoryLatency(0x1234));
        Assert.Equal(3, sibling.MemoryLatency(0x1200));
        Assert.Equal((9L, 0L, 0L), (_clock.Now, sibling.Now, sibling.Counts.MemoryAccesses));
        sibling.EmptyDataCaches();
        Assert.Equal(235, _clock.MemoryLatency(0x1200));
    }

    [Fact]
    public void IdleUntil_Moment_SpendsNothingAndNeverGoesBack()
    {
        _clock.IdleUntil(100);
        _clock.IdleUntil(50);

        Assert.Equal((100L, default), (_clock.Now, _clock.Accounts));
    }

    [Fact]
    public void WaitUntil_Moment_ChargesTheWaitAndNeverGoesBack()
    {
        _clock.Charge(CycleAccount.Work, 10);
        _clock.WaitUntil(CycleAccount.Lock, 25);
        _clock.WaitUntil(CycleAccount.Lock, 20);

        Assert.Equal((25L, 15L), (_clock.Now, _clock.Accounts[CycleAccount.Lock]));
    }

    // 3 from the first level, 14 from the second, 235 from memory; a line is 64 bytes.
    [Fact]
    public void MemoryLatency_ByResidence_IsThatOfTheLevel()
    {
        Assert.Equal(235, _clock.MemoryLatency(0x1234));
        Assert.Equal(3, _clock.MemoryLatency(0x1200));
        Assert.Equal(3, _clock.MemoryLatency(0x123F));
        Assert.Equal(235, _clock.MemoryLatency(0x1240));
        for (ulong i = 1; i <= 8; i++)
        {
            _clock.MemoryLatency(0x1200 + (i << 12)); // the same set of the first level, which has 64
        }

        Assert.Equal(14, _clock.MemoryLatency(0x1200));
    }

    // docs/cost-model.md, hidden refills: a fifth of the cycles, exactly, however they are cut into refills.
    [Theory]
    [InlineData(20, 1, 1000)]
    [InlineData(20, 7, 333)]
    [InlineData(33, 5, 97)]
    [InlineData(0, 9, 10)]
    [InlineData(99, 1_000_000, 1000)]
    [InlineData(100, 9, 10)]
    public void ChargeRefill_Share_IsThatOfTheSumRoundedDownOnce(int percent, int cycles, int times)
    {
        var clock = new ProcessorClock(WithShare(percent));
        for (long i = 1; i <= times; i++)
        {
            clock.ChargeRefill(cycles);
            Assert.Equal(i * cycles * percent / 100, clock.Accounts[CycleAccount.Refill]);
        }

        Assert.Equal(clock.Accounts[CycleAccount.Refill], clock.Now);
    }

    // TLB misses only count; whoever reads the clock finds their cycles in it, whichever member he reads first.
    [Theory]
    [InlineData("now")]
    [InlineData("accounts")]
    [InlineData("counts")]
    public void Refills_ReadAtAnyMember_AreInAllOfThem(string first)
    {
        CpuModel model = CpuModels.Find("nehalem-lynnfield")!;
        var clock = new ProcessorClock(model with { RefillChargedInPercent = null });
        var timing = new CycleTiming(clock);
        timing.LoadLevelMissed();
        timing.FirstLevelMissed(isFetch: false, hasSecondLevel: true, inSecondLevel: true);
        timing.FirstLevelMissed(isFetch: false, hasSecondLevel: true, inSecondLevel: false);
        timing.FirstLevelMissed(isFetch: true, hasSecondLevel: false, inSecondLevel: false);
        timing.WalkStarted();
        timing.TableLoaded(0x1000, isCached: true); // from memory
        timing.TableLoaded(0x1008, isCached: true); // from the first level
        timing.TableLoaded(0x1008, isCached: false); // from memory again
        long expected = (2 * model.SecondLevelHit!.Value) + model.WalkFixed.Value + model.L1.LoadToUse.Value + (2 * model.Dram.Value);

        long read = first switch
        {
            "now" => clock.Now,
            "accounts" => clock.Accounts[CycleAccount.Refill],
            _ => clock.Counts.Walks * expected,
        };

        Assert.Equal(expected, read);
        Assert.Equal((expected, expected), (clock.Now, clock.Accounts[CycleAccount.Refill]));
        Assert.Equal(
            new EventCounts
            {
                LoadLevelMisses = 1,
                FirstLevelMisses = 3,
                SecondLevelHits = 1,
                Walks = 1,
                TableLoads = 3,
                TableLoadsFromL1 = 1,
                TableLoadsFromMemory = 2,
                MemoryAccesses = 2,
            },
            clock.Counts);
        timing.WalkStarted();
        timing.TranslationRequested();
        clock.Restart();
        Assert.Equal((0L, default, default), (clock.Now, clock.Accounts, clock.Counts));
    }

    // However often the clock is read in between.
    [Fact]
    public void Refills_ShareInTheModel_IsThatOfTheSum()
    {
        var read = new ProcessorClock(WithShare(33));
        var unread = new ProcessorClock(WithShare(33));
        for (int i = 0; i < 100; i++)
        {
            new CycleTiming(read).WalkStarted();
            new CycleTiming(unread).WalkStarted();
            Assert.Equal(33L * read.Model.WalkFixed.Value * (i + 1) / 100, read.Now);
        }

        Assert.Equal(read.Now, unread.Now);
    }

    [Fact]
    public void ChargeRefill_NoShareInTheModel_IsCharged()
    {
        _clock.ChargeRefill(9);

        Assert.Equal(9, _clock.Accounts[CycleAccount.Refill]);
    }

    [Fact]
    public void Accounts_Sum_IsByAccount()
    {
        CycleAccounts sum = default;
        _clock.Charge(CycleAccount.Lock, 3);
        sum.Add(_clock.Accounts);
        sum.Add(_clock.Accounts);

        Assert.Equal(6, sum[CycleAccount.Lock]);
        Assert.True(sum != _clock.Accounts);
        Assert.Equal(sum, sum);
        Assert.Equal(CycleAccounts.Count, Enum.GetValues<CycleAccount>().Length);
    }

    private static CpuModel WithShare(int percent) => CpuModels.CoreDuo with
    {
        RefillChargedInPercent = new Parameter { Value = percent, Confidence = Confidence.Estimated, Source = "test" },
    };

    [Fact]
    public void Counts_Sum_IsByEvent()
    {
        var one = new EventCounts
        {
            Walks = 1, TableLoads = 2, TableUpdates = 3, Invlpgs = 4, Cr3Writes = 5, Cr4Writes = 6, IpisSent = 7, IpisHandled = 8,
            Invpcids = 9, PageFaults = 10, IpiMessages = 11, TableLoadsFromL2 = 12, TableLoadsFromMemory = 13,
        };
        EventCounts sum = one;
        sum.Add(one);

        Assert.Equal(
            new EventCounts
            {
                Walks = 2,
                TableLoads = 4,
                TableUpdates = 6,
                Invlpgs = 8,
                Cr3Writes = 10,
                Cr4Writes = 12,
                IpisSent = 14,
                IpisHandled = 16,
                Invpcids = 18,
                PageFaults = 20,
                IpiMessages = 22,
                TableLoadsFromL2 = 24,
                TableLoadsFromMemory = 26,
            },
            sum);
    }
}
