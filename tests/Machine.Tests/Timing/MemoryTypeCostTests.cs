using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Tests.Timing;

// Core Duo: L1 3, memory 235, walk 2. What may not be cached goes to memory each time, data and table entries alike.
public sealed class MemoryTypeCostTests
{
    private const uint MtrrDefaultType = 0x2FF;
    private const uint MtrrBase0 = 0x200;
    private const uint MtrrMask0 = 0x201;
    private const uint Pat = 0x277;
    private const ulong MtrrsEnabled = 0x800;
    private const uint Linear = 0x0000_5000;
    private const ulong Flags = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty;

    private readonly RamBus _bus = new(new GuestMemory(16 << 20));
    private readonly ProcessorClock _clock = new(CpuModels.CoreDuo);

    [Theory]
    [InlineData(0UL, 3)]
    [InlineData(EntryBits.WriteThrough, 3)]
    [InlineData(EntryBits.CacheDisable, 235)] // UC-
    [InlineData(EntryBits.CacheDisable | EntryBits.WriteThrough, 235)] // UC
    public void Load_TypeOfThePage_DecidesWhetherItIsCached(ulong leaf, long again)
    {
        Mmu<RamBus, CycleTiming> mmu = Boot(leaf: leaf);
        Load(mmu);
        long before = _clock.Counts.MemoryAccesses;

        Assert.Equal((0, again), Load(mmu));
        Assert.Equal((0, again), Store(mmu));
        Assert.Equal(again == 3 ? 0 : 2, _clock.Counts.MemoryAccesses - before);
    }

    [Fact]
    public void Load_Uncached_LeavesNothingInTheCaches()
    {
        Mmu<RamBus, CycleTiming> mmu = Boot(leaf: EntryBits.CacheDisable);
        Load(mmu);
        _bus.Store(0x3000 + (8 * 5), 0x5000 | Flags);
        mmu.Invlpg(Linear);

        Assert.Equal((2 + 3 + 3, 235), Load(mmu));
        Assert.Equal((0, 3), Load(mmu));
    }

    // The directory entry's PCD is about the table; the PDPTE's is about the directory (Intel SDM vol. 3, 4.9).
    [Theory]
    [InlineData(0UL, 0UL, 2 + 3 + 3)]
    [InlineData(0UL, EntryBits.CacheDisable, 2 + 3 + 235)]
    [InlineData(EntryBits.CacheDisable, 0UL, 2 + 235 + 3)]
    [InlineData(EntryBits.CacheDisable, EntryBits.CacheDisable, 2 + 235 + 235)]
    public void Walk_TypeOfATable_DecidesWhetherItsEntriesAreCached(ulong pdpte, ulong pde, long refill)
    {
        Mmu<RamBus, CycleTiming> mmu = Boot(pdpte: pdpte, pde: pde);
        Load(mmu);
        mmu.Invlpg(Linear);

        Assert.Equal((refill, 3), Load(mmu));
    }

    [Fact]
    public void Walk_FromTheCachedPde_StillAsksItForTheTypeOfTheTable()
    {
        Mmu<RamBus, CycleTiming> mmu = Boot(pde: EntryBits.CacheDisable);
        Load(mmu);

        Assert.Equal(2 + 235, Load(mmu, Linear + 0x1000).Refill);
    }

    [Fact]
    public void Load_MtrrUncacheable_GoesToMemoryOnceMtrrsAreEnabled()
    {
        Mmu<RamBus, CycleTiming> mmu = Boot();
        Load(mmu);
        Assert.Equal((0, 3), Load(mmu));
        Assert.True(mmu.TryWriteMsr(MtrrBase0, 0x5000 | (ulong)MemoryType.Uncacheable));
        Assert.True(mmu.TryWriteMsr(MtrrMask0, 0xF_FFFF_F800));
        Load(mmu);
        Assert.Equal((0, 3), Load(mmu));

        Assert.True(mmu.TryWriteMsr(MtrrDefaultType, MtrrsEnabled | (ulong)MemoryType.WriteBack));
        Load(mmu);

        Assert.Equal((0, 235), Load(mmu));
        Assert.Equal((5, 235), Load(mmu, Linear + 0x1000));
        Assert.Equal((0, 3), Load(mmu, Linear + 0x1000));
    }

    [Fact]
    public void Load_CachesDisabled_GoesToMemoryUntilTheyAreEnabledAgain()
    {
        Mmu<RamBus, CycleTiming> mmu = Boot();
        Load(mmu);
        uint cr0 = (uint)mmu.Cr0;

        Assert.True(mmu.WriteCr0(cr0 | (uint)Cr0.CacheDisable));
        Assert.Equal((0, 235), Load(mmu));
        Assert.True(mmu.WriteCr0(cr0));
        Assert.Equal((0, 3), Load(mmu));
    }

    // The table is of the type that the PAT has now, the page of the one it had at the fill.
    [Fact]
    public void Load_PatEntryZeroMadeUncacheable_AffectsTablesAtOnceAndPagesAtTheirNextFill()
    {
        Mmu<RamBus, CycleTiming> mmu = Boot();
        Load(mmu);
        Assert.True(mmu.TryWriteMsr(Pat, 0x0007_0406_0007_0400));

        Assert.Equal((0, 3), Load(mmu));
        mmu.Invlpg(Linear);
        Assert.Equal((2 + 235 + 235, 235), Load(mmu));
    }

    private Mmu<RamBus, CycleTiming> Boot(ulong pdpte = 0, ulong pde = 0, ulong leaf = 0)
    {
        _bus.Store(0x1000, 0x2000 | EntryBits.Present | pdpte);
        _bus.Store(0x2000, 0x3000 | Flags | pde);
        _bus.Store(0x3000 + (8 * 5), 0x5000 | Flags | leaf);
        _bus.Store(0x3000 + (8 * 6), 0x6000 | Flags);
        var mmu = new Mmu<RamBus, CycleTiming>(_bus, new CycleTiming(_clock), CpuFeatures.Pae36, CpuModels.CoreDuo.Tlbs);
        Assert.True(mmu.WriteCr3(0x1000));
        Assert.True(mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension));
        Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
        return mmu;
    }

    private (long Refill, long Work) Load(Mmu<RamBus, CycleTiming> mmu, uint linear = Linear)
    {
        CycleAccounts before = _clock.Accounts;
        Assert.False(mmu.Read(linear, Access.SupervisorRead, out int _).IsFault);
        return Since(before);
    }

    private (long Refill, long Work) Store(Mmu<RamBus, CycleTiming> mmu)
    {
        CycleAccounts before = _clock.Accounts;
        Assert.False(mmu.Write(Linear, Access.SupervisorWrite, 1).IsFault);
        return Since(before);
    }

    private (long Refill, long Work) Since(CycleAccounts before)
    {
        CycleAccounts after = _clock.Accounts;
        return (after[CycleAccount.Refill] - before[CycleAccount.Refill], after[CycleAccount.Work] - before[CycleAccount.Work]);
    }
}
