using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Tests.Timing;

// Operations that are charged where they take effect, and nothing for those that the processor refuses.
public sealed class OperationCostTests
{
    private const uint Tables = 0x1000;
    private const uint BadTables = 0x1020;
    private const uint OtherTables = 0x8000;
    private const uint Linear = 0x5000;
    private const ulong Flags = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty;

    private readonly RamBus _bus = new(new GuestMemory(16 << 20));

    public OperationCostTests()
    {
        _bus.Store(Tables, 0x2000 | EntryBits.Present);
        _bus.Store(OtherTables, 0x2000 | EntryBits.Present);
        _bus.Store(BadTables, 0x2000 | EntryBits.Present | EntryBits.Writable); // reserved in a PDPTE
        _bus.Store(0x2000, 0x3000 | Flags);
        _bus.Store(0x3000 + (8 * 5), 0x5000 | Flags);
    }

    // One line, hot or cold; and what is written to a PDPTE later is not seen until then.
    [Fact]
    public void WriteCr3_Pae_LoadsThePdptesFromOneLine()
    {
        Mmu<RamBus, CycleTiming> mmu = Boot("core-duo", out ProcessorClock clock);

        Assert.Equal((150, 3), Charged(clock, () => Assert.True(mmu.WriteCr3(Tables))));
        Assert.Equal((150, 235), Charged(clock, () => Assert.True(mmu.WriteCr3(OtherTables))));
        Assert.Equal((150, 3), Charged(clock, () => Assert.True(mmu.WriteCr3(OtherTables))));
        _bus.Store(OtherTables, 0);
        Assert.False(mmu.Read(Linear, Access.SupervisorRead, out int _).IsFault);
        mmu.Invlpg(Linear);
        Assert.False(mmu.Read(Linear, Access.SupervisorRead, out int _).IsFault);
        Assert.True(mmu.WriteCr3(OtherTables));
        Assert.True(mmu.Read(Linear, Access.SupervisorRead, out int _).IsFault);
    }

    [Fact]
    public void WriteCr3_BadPdpte_IsRefusedAndCostsNothing()
    {
        Mmu<RamBus, CycleTiming> mmu = Boot("core-duo", out ProcessorClock clock);
        EventCounts before = clock.Counts;

        Assert.Equal((0, 0), Charged(clock, () => Assert.False(mmu.WriteCr3(BadTables))));
        Assert.Equal(before, clock.Counts);
    }

    [Fact]
    public void WriteCr4_UnsupportedBit_IsRefusedAndCostsNothing()
    {
        Mmu<RamBus, CycleTiming> mmu = Boot("core-duo", out ProcessorClock clock);
        uint smep = (uint)(mmu.Cr4 | Cr4.SupervisorExecutionPrevention);
        EventCounts before = clock.Counts;

        Assert.Equal((0, 0), Charged(clock, () => Assert.False(mmu.WriteCr4(smep))));
        Assert.Equal(before, clock.Counts);
    }

    [Fact]
    public void SwitchTask_NewCr3_CostsALoadOfCr3AndTheSameOneNothing()
    {
        Mmu<RamBus, CycleTiming> mmu = Boot("core-duo", out ProcessorClock clock);

        Assert.Equal((0, 0), Charged(clock, () => Assert.Equal(TaskSwitchLoad.Done, mmu.SwitchTask(Tables))));
        Assert.Equal((150, 235), Charged(clock, () => Assert.Equal(TaskSwitchLoad.Done, mmu.SwitchTask(OtherTables))));
    }

    [Theory]
    [InlineData("skylake", 0u, 350)]
    [InlineData("skylake", 2u, 350)]
    [InlineData("zen1", 3u, 300)]
    [InlineData("nehalem-lynnfield", 0u, 232)] // no cost of its own: that of INVLPG
    public void Invpcid_OfAnyType_CostsTheModelsParameter(string model, uint type, long expected)
    {
        Mmu<RamBus, CycleTiming> mmu = Boot(model, out ProcessorClock clock, CpuFeatures.Pae36 with { Invpcid = true });

        Assert.Equal((expected, 0), Charged(clock, () => Assert.Equal(InstructionFault.None, mmu.Invpcid(type, 0, Linear))));
        Assert.Equal((0, 0), Charged(clock, () => Assert.Equal(InstructionFault.GeneralProtection, mmu.Invpcid(4, 0, 0))));
        Assert.Equal(1, clock.Counts.Invpcids);
    }

    [Fact]
    public void PageFault_DeliveredAndReturnedFrom_CostsBothAndWritesCr2()
    {
        Mmu<RamBus, CycleTiming> mmu = Boot("core-duo", out ProcessorClock clock);
        AccessResult result = mmu.Read(0x7123, Access.SupervisorRead, out int _);
        Assert.True(result.IsFault);

        mmu.DeliverPageFault(result.Fault);
        Assert.Equal((0x7123u, 700L, 1L), (mmu.Cr2, clock.Accounts[CycleAccount.Fault], clock.Counts.PageFaults));
        mmu.ReturnFromPageFault();
        Assert.Equal(940, clock.Accounts[CycleAccount.Fault]);
    }

    // docs/cost-model.md, hidden refills: an assist and the PDPTE registers are charged whole, walks and further levels by their share.
    [Fact]
    public void Refills_ShareOfAFifth_IsChargedForWalksAlone()
    {
        CpuModel model = CpuModels.CoreDuo with
        {
            RefillChargedInPercent = new Parameter { Value = 20, Confidence = Confidence.Estimated, Source = "test" },
        };
        _bus.Store(0x3000 + (8 * 5), 0x5000 | EntryBits.Present | EntryBits.Writable);
        var clock = new ProcessorClock(model);
        Mmu<RamBus, CycleTiming> mmu = Boot(model, clock, CpuFeatures.Pae36);

        Assert.Equal((150, 3), Charged(clock, () => Assert.True(mmu.WriteCr3(Tables))));
        Assert.Equal((0, ((2 + 235 + 235) / 5) + 120), Charged(clock, () => mmu.Read(Linear, Access.SupervisorRead, out int _)));
        Assert.Equal((1L, 2L, 1L), (clock.Counts.Walks, clock.Counts.TableLoads, clock.Counts.TableUpdates));
    }

    private static (long Flush, long Refill) Charged(ProcessorClock clock, Action operation)
    {
        CycleAccounts before = clock.Accounts;
        operation();
        CycleAccounts after = clock.Accounts;
        return (after[CycleAccount.Flush] - before[CycleAccount.Flush], after[CycleAccount.Refill] - before[CycleAccount.Refill]);
    }

    private Mmu<RamBus, CycleTiming> Boot(string model, out ProcessorClock clock, CpuFeatures? features = null)
    {
        clock = new ProcessorClock(CpuModels.Find(model)!);
        return Boot(clock.Model, clock, features ?? CpuFeatures.Pae36);
    }

    private Mmu<RamBus, CycleTiming> Boot(CpuModel model, ProcessorClock clock, CpuFeatures features)
    {
        var mmu = new Mmu<RamBus, CycleTiming>(_bus, new CycleTiming(clock), features, model.Tlbs);
        Assert.True(mmu.WriteCr3(Tables));
        Assert.True(mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension));
        Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
        return mmu;
    }
}
