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

    [Fact]
    public void Counts_Sum_IsByEvent()
    {
        var one = new EventCounts
        {
            Walks = 1, TableLoads = 2, TableUpdates = 3, Invlpgs = 4, Cr3Writes = 5, Cr4Writes = 6, IpisSent = 7, IpisHandled = 8,
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
            },
            sum);
    }
}
