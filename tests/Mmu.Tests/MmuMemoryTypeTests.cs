using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Tests;

/// <summary>Memory types of accesses and table reads through an MMU.</summary>
public sealed class MmuMemoryTypeTests
{
    private const uint Pat = 0x277;
    private const uint MtrrDefaultType = 0x2FF;
    private const uint MtrrBase0 = 0x200;
    private const uint MtrrMask0 = 0x201;
    private const uint Page = 0x0040_0000;
    private const ulong Flags = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty;

    private readonly RamBus _bus = new(new GuestMemory(16 << 20));

    // C71.
    [Theory]
    [InlineData(0UL, MemoryType.WriteBack)]
    [InlineData(EntryBits.WriteThrough, MemoryType.WriteThrough)]
    [InlineData(EntryBits.CacheDisable, MemoryType.WriteCombining)]
    [InlineData(EntryBits.CacheDisable | EntryBits.WriteThrough, MemoryType.Uncacheable)]
    [InlineData(EntryBits.PtePat, MemoryType.WriteProtected)]
    public void TypeOf_BitsOfTheLeaf_SelectThePatEntry(ulong bits, MemoryType expected)
    {
        Mmu<RamBus, NoTiming> mmu = Boot(pte: bits);
        Assert.True(mmu.TryWriteMsr(Pat, 0x0007_0405_0001_0406)); // entry 2 is WC, entry 4 is WP

        Assert.Equal(expected, mmu.TypeOf(mmu.Translate(Page, Access.SupervisorRead)));
    }

    // C71. WRMSR to the PAT invalidates nothing: the type is kept with the translation.
    [Fact]
    public void TypeOf_PatWrittenAfterTheFill_IsTheOldOneUntilInvlpg()
    {
        Mmu<RamBus, NoTiming> mmu = Boot(pte: 0);
        mmu.Translate(Page, Access.SupervisorRead);

        Assert.True(mmu.TryWriteMsr(Pat, 0));
        MemoryType kept = mmu.TypeOf(mmu.Translate(Page, Access.SupervisorRead));
        mmu.Invlpg(Page);
        MemoryType fresh = mmu.TypeOf(mmu.Translate(Page, Access.SupervisorRead));

        Assert.Equal((MemoryType.WriteBack, MemoryType.Uncacheable), (kept, fresh));
    }

    // C51, C71. WRMSR to an MTRR drops all translations.
    [Fact]
    public void TryWriteMsr_Mtrr_DropsTranslationsAndChangesTheType()
    {
        Mmu<RamBus, NoTiming> mmu = Boot(pte: EntryBits.Global);
        mmu.Translate(Page, Access.SupervisorRead);
        _bus.Store(PteAddress, 0x7000 | Flags);

        Assert.True(mmu.TryWriteMsr(MtrrBase0, 0x7000 | (ulong)MemoryType.WriteThrough));
        Assert.True(mmu.TryWriteMsr(MtrrMask0, 0xF_FFFF_F800));
        WalkResult result = mmu.Translate(Page, Access.SupervisorRead);

        Assert.Equal(0x7000UL, result.PhysicalAddress);
        Assert.Equal(MemoryType.WriteThrough, mmu.TypeOf(result));
    }

    [Fact]
    public void TypeOf_ProcessorWithoutPat_FollowsPcdAndPwt()
    {
        Mmu<RamBus, NoTiming> mmu = Boot(pte: EntryBits.CacheDisable, CpuFeatures.Pae36 with { Pat = false });

        Assert.Equal(MemoryType.Uncacheable, mmu.TypeOf(mmu.Translate(Page, Access.SupervisorRead)));
    }

    // Intel SDM vol. 3, table 11-6, for pages and for the tables above them.
    [Theory]
    [InlineData(MemoryType.WriteBack, 0UL, MemoryType.WriteBack)]
    [InlineData(MemoryType.WriteBack, EntryBits.WriteThrough, MemoryType.WriteThrough)]
    [InlineData(MemoryType.WriteBack, EntryBits.CacheDisable, MemoryType.Uncacheable)]
    [InlineData(MemoryType.WriteProtected, EntryBits.WriteThrough, MemoryType.WriteProtected)]
    [InlineData(MemoryType.WriteProtected, EntryBits.CacheDisable, MemoryType.WriteCombining)]
    [InlineData(MemoryType.WriteProtected, EntryBits.CacheDisable | EntryBits.WriteThrough, MemoryType.Uncacheable)]
    public void TypeOf_ProcessorWithoutPat_FollowsTable11_6(MemoryType mtrr, ulong bits, MemoryType expected)
    {
        Mmu<RamBus, NoTiming> mmu = Boot(bits, CpuFeatures.Pae36 with { Pat = false }, pdpte: bits, pde: bits);
        Assert.True(mmu.TryWriteMsr(MtrrDefaultType, 0x800 | (ulong)mtrr));

        Assert.Equal(expected, mmu.TypeOf(mmu.Translate(Page, Access.SupervisorRead)));
        Assert.Equal(expected, mmu.TypeOfTableRead(Page, WalkLevel.Pde));
        Assert.Equal(expected, mmu.TypeOfTableRead(Page, WalkLevel.Pte));
    }

    [Fact]
    public void TypeOf_PagingOff_IsTheMtrrType()
    {
        var mmu = new Mmu<RamBus, NoTiming>(_bus, default, CpuFeatures.Pae36);
        Assert.True(mmu.TryWriteMsr(MtrrDefaultType, 0x800 | (ulong)MemoryType.WriteThrough));
        Assert.True(mmu.WriteCr0((uint)Cr0.ProtectionEnable));

        Assert.Equal(MemoryType.WriteThrough, mmu.TypeOf(mmu.Translate(Page, Access.SupervisorRead)));
    }

    [Fact]
    public void TypeOf_ProcessorWithoutMtrrs_HasNoMtrrRegisters()
    {
        Mmu<RamBus, NoTiming> mmu = Boot(pte: 0, CpuFeatures.Pae36 with { Mtrr = false });

        Assert.False(mmu.TryWriteMsr(MtrrDefaultType, 0x800));
        Assert.False(mmu.TryReadMsr(MtrrDefaultType, out _));
        Assert.Equal(MemoryType.WriteBack, mmu.TypeOf(mmu.Translate(Page, Access.SupervisorRead)));
    }

    // A PDE is read with the type that PCD and PWT of the PDPTE register select, a PTE with those of the PDE.
    [Fact]
    public void TypeOfTableRead_BitsOfTheEntryAbove_SelectThePatEntry()
    {
        Mmu<RamBus, NoTiming> mmu = Boot(pte: 0, pdpte: EntryBits.WriteThrough, pde: EntryBits.CacheDisable | EntryBits.WriteThrough);

        Assert.Equal(MemoryType.WriteThrough, mmu.TypeOfTableRead(Page, WalkLevel.Pde));
        Assert.Equal(MemoryType.Uncacheable, mmu.TypeOfTableRead(Page, WalkLevel.Pte));
    }

    // In two-level paging CR3 stands above the directory.
    [Theory]
    [InlineData(0x1000u, MemoryType.WriteBack)]
    [InlineData(0x1008u, MemoryType.WriteThrough)]
    [InlineData(0x1018u, MemoryType.Uncacheable)]
    public void TypeOfTableRead_TwoLevelDirectory_BitsOfCr3SelectThePatEntry(uint cr3, MemoryType expected)
    {
        var mmu = new Mmu<RamBus, NoTiming>(_bus, default, CpuFeatures.Pae36);
        Assert.True(mmu.TryWriteMsr(MtrrDefaultType, 0x800 | (ulong)MemoryType.WriteBack));
        Assert.True(mmu.WriteCr3(cr3));
        Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));

        Assert.Equal(expected, mmu.TypeOfTableRead(Page, WalkLevel.Pde));
    }

    // The directory lies in page 2000h, the table in page 3000h.
    [Fact]
    public void TypeOfTableRead_MtrrOverOneTable_CountsForThatTableAlone()
    {
        Mmu<RamBus, NoTiming> mmu = Boot(pte: 0);
        Assert.True(mmu.TryWriteMsr(MtrrBase0, 0x3000 | (ulong)MemoryType.WriteThrough));
        Assert.True(mmu.TryWriteMsr(MtrrMask0, 0xF_FFFF_F800));

        Assert.Equal(MemoryType.WriteBack, mmu.TypeOfTableRead(Page, WalkLevel.Pde));
        Assert.Equal(MemoryType.WriteThrough, mmu.TypeOfTableRead(Page, WalkLevel.Pte));
    }

    // Where walks read the PDPTE, it is the one in memory that counts.
    [Theory]
    [InlineData(PdpteMode.WalkOnDemand, MemoryType.WriteThrough)]
    [InlineData(PdpteMode.Registers, MemoryType.WriteBack)]
    public void TypeOfTableRead_PdpteEditedInMemory_CountsOnlyIfWalksReadIt(PdpteMode mode, MemoryType expected)
    {
        Mmu<RamBus, NoTiming> mmu = Boot(pte: 0, options: new PagingOptions { PdpteMode = mode });
        _bus.Store(0x1000, 0x2000 | EntryBits.Present | EntryBits.WriteThrough);

        Assert.Equal(expected, mmu.TypeOfTableRead(Page, WalkLevel.Pde));
        Assert.Equal(MemoryType.WriteBack, mmu.TypeOfTableRead(Page, WalkLevel.Pte));
    }

    [Fact]
    public void TypeOfTableRead_WalkThatEndsBefore_IsNone()
    {
        Mmu<RamBus, NoTiming> mmu = Boot(pte: 0);

        Assert.Null(mmu.TypeOfTableRead(Page + (2 << 20), WalkLevel.Pte));
        Assert.Equal(MemoryType.WriteBack, mmu.TypeOfTableRead(Page + (2 << 20), WalkLevel.Pde));
        Assert.Throws<ArgumentOutOfRangeException>("level", () => mmu.TypeOfTableRead(Page, WalkLevel.Pdpte));
    }

    [Fact]
    public void TryReadMsr_RegistersOfTheUnit_ReadBack()
    {
        Mmu<RamBus, NoTiming> mmu = Boot(pte: 0, CpuFeatures.Full40);

        Assert.True(mmu.TryWriteMsr(0xC000_0080, (ulong)Efer.ExecuteDisableEnable));
        Assert.True(mmu.TryReadMsr(0xC000_0080, out ulong efer));
        Assert.True(mmu.TryReadMsr(Pat, out ulong pat));
        Assert.True(mmu.TryReadMsr(MtrrDefaultType, out ulong defaultType));
        Assert.False(mmu.TryReadMsr(0x1B, out _));
        Assert.Equal(((ulong)Efer.ExecuteDisableEnable, ControlRegisters.PatAtReset, 0x806UL), (efer, pat, defaultType));
    }

    private static ulong PteAddress => 0x3000;

    private Mmu<RamBus, NoTiming> Boot(ulong pte, CpuFeatures? features = null, ulong pdpte = 0, ulong pde = 0, PagingOptions? options = null)
    {
        _bus.Store(0x1000, 0x2000 | EntryBits.Present | pdpte);
        _bus.Store(0x2000 + (8 * (Page >> 21)), 0x3000 | Flags | pde);
        _bus.Store(PteAddress, 0x5000 | Flags | pte);
        var mmu = new Mmu<RamBus, NoTiming>(_bus, default, features ?? CpuFeatures.Pae36, CpuModels.CoreDuo.Tlbs, options);
        if (mmu.Features.Mtrr)
        {
            Assert.True(mmu.TryWriteMsr(MtrrDefaultType, 0x800 | (ulong)MemoryType.WriteBack));
        }

        Assert.True(mmu.WriteCr3(0x1000));
        Assert.True(mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable)));
        Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
        return mmu;
    }
}
