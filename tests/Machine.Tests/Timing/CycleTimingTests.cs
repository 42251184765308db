using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Tests.Timing;

// Core Duo: walk 2 + the entries' loads; L1 3, memory 235; assist 120; INVLPG 150; CR3 150; CR4 375 for each of the pair.
public sealed class CycleTimingTests
{
    private const uint Linear = 0x0000_5000;
    private const ulong Pde = 0x2000;
    private const ulong Table = 0x3000;
    private const ulong Flags = EntryBits.Present | EntryBits.Writable;

    private readonly Machine _machine = new(CpuModels.CoreDuo, CpuFeatures.Pae36, 1, 16 << 20);
    private readonly RamBus _memory;

    public CycleTimingTests()
    {
        _memory = new RamBus(_machine.Memory);
        _memory.Store(0x1000, Pde | EntryBits.Present);
        _memory.Store(Pde, Table | Flags | EntryBits.Accessed);
        for (uint i = 0; i < 512; i++)
        {
            _memory.Store(Table + (8 * i), 0x40_0000ul + (i << 12) | Flags | EntryBits.Accessed | EntryBits.Dirty);
        }

        Mmu<RamBus, CycleTiming> mmu = Processor.Mmu;
        Assert.True(mmu.WriteCr3(0x1000));
        Assert.True(mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable)));
        Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
    }

    private Processor Processor => _machine.Processors[0];

    [Fact]
    public void Read_ColdEverything_IsAWalkOfTwoLoadsFromMemoryAndTheData()
    {
        Assert.Equal((2 + 235 + 235, 235), Read(Linear));
    }

    [Fact]
    public void Read_TlbHit_IsTheDataOnly()
    {
        Read(Linear);

        Assert.Equal((0, 3), Read(Linear));
    }

    // The published cost of a miss with the PDE cached and the PTE in L1: 5 cycles.
    [Fact]
    public void Read_PdeCachedAndPteInL1_RefillsInFiveCycles()
    {
        Read(Linear);

        Assert.Equal((5, 235), Read(Linear + 0x1000));
    }

    [Fact]
    public void Read_PdeCachedAndPteOnAnotherLine_RefillsFromMemory()
    {
        Read(Linear);

        Assert.Equal((2 + 235, 235), Read(Linear + 0x8000));
    }

    // INVLPG costs itself; the refill is charged where it happens, and includes the PDE, which it dropped too.
    [Fact]
    public void Invlpg_ThenRead_ChargesTheRefillToTheRead()
    {
        Read(Linear);
        CycleAccounts before = Processor.Clock.Accounts;

        Processor.Mmu.Invlpg(Linear);

        CycleAccounts after = Processor.Clock.Accounts;
        Assert.Equal(
            (before[CycleAccount.Flush] + 150, before[CycleAccount.Refill]),
            (after[CycleAccount.Flush], after[CycleAccount.Refill]));
        Assert.Equal((2 + 3 + 3, 3), Read(Linear));
    }

    [Fact]
    public void Write_CleanPage_ChargesTheAssistOnce()
    {
        _memory.Store(Table + (8 * 5), 0x40_5000ul | Flags | EntryBits.Accessed);
        Read(Linear);
        long before = Processor.Clock.Accounts[CycleAccount.Refill];

        Processor.Mmu.Write(Linear, Access.SupervisorWrite, 1);
        Processor.Mmu.Write(Linear, Access.SupervisorWrite, 2);

        // The walk again from the top: the PDE that was used for the page is dropped with it.
        Assert.Equal(before + 2 + 3 + 3 + 120, Processor.Clock.Accounts[CycleAccount.Refill]);
        Assert.Equal(1, Processor.Clock.Counts.TableUpdates);
    }

    [Fact]
    public void ControlRegisterWrites_Flush_CostWhatTheTableSays()
    {
        ProcessorClock clock = Processor.Clock;
        long before = clock.Accounts[CycleAccount.Flush];
        EventCounts counts = clock.Counts;

        Processor.Mmu.WriteCr3(Processor.Mmu.Cr3);
        Assert.Equal(before + 150, clock.Accounts[CycleAccount.Flush]);
        Processor.Mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension);
        Processor.Mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable));

        Assert.Equal(before + 150 + 750, clock.Accounts[CycleAccount.Flush]);
        Assert.Equal(counts with { Cr3Writes = counts.Cr3Writes + 1, Cr4Writes = counts.Cr4Writes + 2 }, clock.Counts);
    }

    [Fact]
    public void Read_DataAccess_GoesToTheAccountThatIsSet()
    {
        Processor.Clock.Account = CycleAccount.EntryStore;
        Processor.Mmu.Read(Linear, Access.SupervisorRead, out int _);

        CycleAccounts accounts = Processor.Clock.Accounts;
        Assert.Equal((235L, 0L), (accounts[CycleAccount.EntryStore], accounts[CycleAccount.Work]));
    }

    private (long Refill, long Work) Read(uint linear)
    {
        ProcessorClock clock = Processor.Clock;
        (long refill, long work) = (clock.Accounts[CycleAccount.Refill], clock.Accounts[CycleAccount.Work]);
        Assert.False(Processor.Mmu.Read(linear, Access.SupervisorRead, out int _).IsFault);
        return (clock.Accounts[CycleAccount.Refill] - refill, clock.Accounts[CycleAccount.Work] - work);
    }
}
