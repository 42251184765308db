using X86Pae.Paging;

namespace X86Pae.Tests.Caches;

/// <summary>What is cached, when it is used although memory has changed, and what ends that (Intel SDM vol. 3, 4.10).</summary>
public sealed class StaleTranslationTests
{
    private const uint Linear = 0x5000;
    private const ulong Old = 0x1_0000;
    private const ulong New = 0x2_0000;
    private const ulong Present = 1;
    private const ulong Writable = 2;
    private const ulong Accessed = 0x20;
    private const ulong Dirty = 0x40;

    private static readonly PagingOptions FaultNow = new() { TlbPermissionMiss = TlbPermissionMiss.FaultNow };

    // C50.
    [Fact]
    public void Translate_PageAbsent_ResultIsNotCached()
    {
        var guest = new CachedGuest();
        guest.ErrorOf(Linear);

        guest.SetPte(Linear, New | CachedGuest.Flags);

        Assert.Equal(New, guest.FrameOf(Linear));
    }

    // C50.
    [Fact]
    public void Translate_ReservedBit_ResultIsNotCached()
    {
        var guest = new CachedGuest();
        guest.SetPte(Linear, Old | CachedGuest.Flags | (1UL << 51));
        guest.ErrorOf(Linear);

        guest.SetPte(Linear, New | CachedGuest.Flags);

        Assert.Equal(New, guest.FrameOf(Linear));
    }

    // C50.
    [Fact]
    public void Translate_AccessedClear_IsSetInMemoryWhenThePageIsCached()
    {
        var guest = new CachedGuest();
        guest.SetPde(CachedGuest.Table | (CachedGuest.Flags & ~Accessed));
        guest.SetPte(Linear, Old | (CachedGuest.Flags & ~Accessed));

        guest.FrameOf(Linear);

        Assert.Equal(CachedGuest.Table | CachedGuest.Flags, guest.Pde);
        Assert.Equal(Old | CachedGuest.Flags, guest.Pte(Linear));
    }

    // C44.
    [Fact]
    public void Write_CachedPageIsClean_SetsDirtyInMemory()
    {
        var guest = new CachedGuest();
        guest.SetPte(Linear, Old | (CachedGuest.Flags & ~Dirty));
        guest.FrameOf(Linear, Access.UserRead);
        Assert.Equal(0UL, guest.Pte(Linear) & Dirty);

        guest.FrameOf(Linear, Access.UserWrite);

        Assert.Equal(Dirty, guest.Pte(Linear) & Dirty);
    }

    // C44.
    [Fact]
    public void Write_CachedPageIsCleanAndNoLongerWritable_Faults()
    {
        var guest = new CachedGuest();
        guest.SetPte(Linear, Old | (CachedGuest.Flags & ~Dirty));
        guest.FrameOf(Linear);

        guest.SetPte(Linear, Old | (CachedGuest.Flags & ~(Dirty | Writable)));

        Assert.Equal(PageFaultErrorCode.Present | PageFaultErrorCode.Write | PageFaultErrorCode.User, guest.ErrorOf(Linear, Access.UserWrite));
    }

    // C44.
    [Fact]
    public void Write_CachedPageIsDirty_LeavesMemoryAlone()
    {
        var guest = new CachedGuest();
        guest.SetPte(Linear, Old | CachedGuest.Flags);
        guest.FrameOf(Linear, Access.UserWrite);

        guest.SetPte(Linear, Old | (CachedGuest.Flags & ~Dirty));
        guest.FrameOf(Linear, Access.UserWrite);

        Assert.Equal(0UL, guest.Pte(Linear) & Dirty);
    }

    // C52.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Invlpg_AnyAddressOfALargePage_DropsAllOfIt(bool splinters)
    {
        var guest = new CachedGuest(splinters);
        guest.SetPde(CachedGuest.Flags | CachedGuest.LargePage);
        guest.FrameOf(0x0_0000);
        guest.FrameOf(0x1F_F000);

        guest.SetPde(0x4000_0000 | CachedGuest.Flags | CachedGuest.LargePage);
        guest.Mmu.Invlpg(0x12_3456);

        Assert.Equal(0x4000_0000UL, guest.FrameOf(0x0_0000));
        Assert.Equal(0x401F_F000UL, guest.FrameOf(0x1F_F000));
    }

    // C52.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fault_AnyAddressOfALargePage_DropsAllOfIt(bool splinters)
    {
        var guest = new CachedGuest(splinters);
        ulong readOnly = CachedGuest.LargePage | (CachedGuest.Flags & ~Writable);
        guest.SetPde(readOnly);
        guest.FrameOf(0x0_0000);
        guest.FrameOf(0x1F_F000);

        guest.SetPde(0x4000_0000 | readOnly);
        guest.ErrorOf(0x12_3456, Access.UserWrite);

        Assert.Equal(0x4000_0000UL, guest.FrameOf(0x0_0000));
        Assert.Equal(0x401F_F000UL, guest.FrameOf(0x1F_F000));
    }

    // C52.
    [Fact]
    public void Translate_LargePageBecomesATable_TheUsedPartMayStay()
    {
        var guest = new CachedGuest(splinters: true);
        guest.SetPde(0x4000_0000 | CachedGuest.Flags | CachedGuest.LargePage);
        guest.FrameOf(Linear);

        guest.SetPde(CachedGuest.Table | CachedGuest.Flags);
        guest.SetPte(Linear, New | CachedGuest.Flags);
        guest.SetPte(Linear + 0x1000, New | CachedGuest.Flags);

        Assert.Equal(0x4000_5000UL, guest.FrameOf(Linear));
        Assert.Equal(New, guest.FrameOf(Linear + 0x1000));
    }

    // C52. A20M# reaches into the offset within a large page.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Translate_CachedLargePageWhileA20IsMasked_HasBit20Clear(bool splinters)
    {
        var guest = new CachedGuest(splinters);
        guest.Mmu.SetA20Masked(true);
        guest.SetPde(0x4000_0000 | CachedGuest.Flags | CachedGuest.LargePage);
        Assert.Equal(0x400F_F000UL, guest.FrameOf(0x1F_F000));

        Assert.Equal(0x400F_F000UL, guest.FrameOf(0x1F_F000));
        Assert.Equal(0x400F_E000UL, guest.FrameOf(0x1F_E000));
    }

    // C53.
    [Fact]
    public void MovCr3_GlobalPage_IsKept()
    {
        var guest = new CachedGuest();
        guest.SetPte(Linear, Old | CachedGuest.Flags | CachedGuest.Global);
        guest.FrameOf(Linear);

        guest.SetPte(Linear, New | CachedGuest.Flags | CachedGuest.Global);
        guest.Mmu.WriteCr3(guest.Mmu.Cr3);

        Assert.Equal(Old, guest.FrameOf(Linear));
    }

    // C54.
    [Fact]
    public void MovCr3_PageFilledWhilePgeWasClear_IsDropped()
    {
        var guest = new CachedGuest();
        guest.Mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension);
        guest.SetPte(Linear, Old | CachedGuest.Flags | CachedGuest.Global);
        guest.FrameOf(Linear);

        guest.SetPte(Linear, New | CachedGuest.Flags | CachedGuest.Global);
        guest.Mmu.WriteCr3(guest.Mmu.Cr3);

        Assert.Equal(New, guest.FrameOf(Linear));
    }

    // C55.
    [Fact]
    public void Translate_PdeChangedBehindThePdeCache_UsesTheOldTable()
    {
        var guest = new CachedGuest();
        guest.SetPte(Linear, Old | CachedGuest.Flags);
        guest.ErrorOf(0x6000); // a fault in the table fills the PDE cache as well, and drops what it has used
        guest.FrameOf(Linear);
        guest.SetPte(0x7000, Old | CachedGuest.Flags);

        guest.SetPde(0);

        Assert.Equal(Old, guest.FrameOf(0x7000));
    }

    // C55.
    [Fact]
    public void Invlpg_OfAnotherPage_EmptiesThePdeCache()
    {
        var guest = new CachedGuest();
        guest.SetPte(Linear, Old | CachedGuest.Flags);
        guest.SetPte(0x7000, Old | CachedGuest.Flags);
        guest.FrameOf(Linear);

        guest.SetPde(0);
        guest.Mmu.Invlpg(0xC000_0000);

        Assert.Equal(PageFaultErrorCode.User, guest.ErrorOf(0x7000));
        Assert.Equal(PageFaultErrorCode.User, guest.ErrorOf(Linear + 0x3000));
    }

    // C55. What a PDE has said of XD stays with it, as it does with a cached translation.
    [Fact]
    public void Fetch_PdeCachedWithExecuteDisableBeforeNxeWasCleared_IsDenied()
    {
        var guest = new CachedGuest();
        guest.SetPte(Linear, Old | CachedGuest.Flags);
        guest.SetPte(0x7000, Old | CachedGuest.Flags);
        guest.SetPde(CachedGuest.Table | CachedGuest.Flags | (1UL << 63));
        guest.FrameOf(Linear);

        guest.Mmu.WriteEfer(0);

        Assert.Equal(Old, guest.FrameOf(0x7000, Access.UserRead));
        Assert.Equal(PageFaultErrorCode.Present | PageFaultErrorCode.User, guest.ErrorOf(0x7000, Access.UserFetch));
    }

    // C56.
    [Fact]
    public void Fault_StaleTranslationAndPde_AreGoneForTheRetry()
    {
        var guest = new CachedGuest(options: FaultNow);
        guest.SetPte(Linear, Old | (CachedGuest.Flags & ~Writable) | CachedGuest.Global);
        guest.FrameOf(Linear);

        guest.SetPte(Linear, New | CachedGuest.Flags, CachedGuest.OtherTable);
        guest.SetPde(CachedGuest.OtherTable | CachedGuest.Flags);
        guest.ErrorOf(Linear, Access.UserWrite);

        Assert.Equal(New, guest.FrameOf(Linear, Access.UserWrite));
    }

    // Neither address 0 nor frame 0 doubles as "nothing cached".
    [Theory]
    [InlineData(0u, 0ul)]
    [InlineData(Linear, 0ul)]
    [InlineData(0u, Old)]
    public void Read_PageAtFrameZero_HitsSecondTime(uint linear, ulong frame)
    {
        var guest = new CachedGuest();
        guest.SetPte(linear, frame | CachedGuest.Flags);
        guest.FrameOf(linear);

        guest.SetPte(linear, New | CachedGuest.Flags);

        Assert.Equal(frame, guest.FrameOf(linear));
    }

    [Fact]
    public void Read_PageZeroNeverUsed_DoesNotHit()
    {
        var guest = new CachedGuest();

        Assert.Equal(PageFaultErrorCode.User, guest.ErrorOf(0));
    }

    // C57.
    [Fact]
    public void Write_RightsWereRelaxedInMemory_IsAllowedByARewalk()
    {
        var guest = new CachedGuest();
        guest.SetPte(Linear, Old | (CachedGuest.Flags & ~Writable));
        guest.FrameOf(Linear);

        guest.SetPte(Linear, Old | CachedGuest.Flags);

        Assert.Equal(Old, guest.FrameOf(Linear, Access.UserWrite));
    }

    // C57.
    [Fact]
    public void Write_RightsWereRelaxedInMemory_FaultsOnceWhereCachedRightsCount()
    {
        var guest = new CachedGuest(options: FaultNow);
        guest.SetPte(Linear, Old | (CachedGuest.Flags & ~Writable));
        guest.FrameOf(Linear);

        guest.SetPte(Linear, Old | CachedGuest.Flags);

        guest.ErrorOf(Linear, Access.UserWrite);
        Assert.Equal(Old, guest.FrameOf(Linear, Access.UserWrite));
    }

    // C57.
    [Theory]
    [InlineData(Present)]
    [InlineData(Accessed)]
    public void Translate_FlagSetInMemory_NeedsNoInvalidation(ulong flag)
    {
        var guest = new CachedGuest();
        guest.SetPte(Linear, Old | (CachedGuest.Flags & ~flag));
        guest.Mmu.Translate(Linear, Access.UserRead);

        guest.SetPte(Linear, Old | CachedGuest.Flags);

        Assert.Equal(Old, guest.FrameOf(Linear));
    }

    // C57.
    [Fact]
    public void Read_PageWithdrawnWithoutInvalidation_GoesOn()
    {
        var guest = new CachedGuest();
        guest.SetPte(Linear, Old | CachedGuest.Flags);
        guest.FrameOf(Linear);

        guest.SetPte(Linear, 0);

        Assert.Equal(Old, guest.FrameOf(Linear));
    }

    // C58.
    [Fact]
    public void Invlpg_OnOneProcessor_LeavesTheOthersCachesAlone()
    {
        var first = new CachedGuest();
        var second = new CachedGuest(memory: first.Memory);
        first.SetPte(Linear, Old | CachedGuest.Flags);
        first.FrameOf(Linear);
        second.FrameOf(Linear);

        first.SetPte(Linear, New | CachedGuest.Flags);
        first.Mmu.Invlpg(Linear);

        Assert.Equal(New, first.FrameOf(Linear));
        Assert.Equal(Old, second.FrameOf(Linear));
    }

    // C58.
    [Fact]
    public void MovCr3_OnOneProcessor_LeavesTheOthersPdptesAlone()
    {
        var first = new CachedGuest();
        var second = new CachedGuest(memory: first.Memory);
        first.SetPte(Linear, Old | CachedGuest.Flags);

        first.SetPdpte(0);
        first.Mmu.WriteCr3(first.Mmu.Cr3);

        first.ErrorOf(Linear);
        Assert.Equal(Old, second.FrameOf(Linear));
    }
}
