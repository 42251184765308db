using X86Pae.Paging;

namespace X86Pae.Tests;

/// <summary>What is cached, when it is used although memory has changed, and what ends that (Intel SDM vol. 3, 4.10).</summary>
public sealed class CachedTranslationTests
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
        var guest = new StaleGuest();
        guest.ErrorOf(Linear);

        guest.SetPte(Linear, New | StaleGuest.Flags);

        Assert.Equal(New, guest.FrameOf(Linear));
    }

    // C50.
    [Fact]
    public void Translate_ReservedBit_ResultIsNotCached()
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | StaleGuest.Flags | (1UL << 51));
        guest.ErrorOf(Linear);

        guest.SetPte(Linear, New | StaleGuest.Flags);

        Assert.Equal(New, guest.FrameOf(Linear));
    }

    // C50.
    [Fact]
    public void Translate_AccessedClear_IsSetInMemoryWhenThePageIsCached()
    {
        var guest = new StaleGuest();
        guest.SetPde(StaleGuest.Table | (StaleGuest.Flags & ~Accessed));
        guest.SetPte(Linear, Old | (StaleGuest.Flags & ~Accessed));

        guest.FrameOf(Linear);

        Assert.Equal(StaleGuest.Table | StaleGuest.Flags, guest.Pde);
        Assert.Equal(Old | StaleGuest.Flags, guest.Pte(Linear));
    }

    // C44.
    [Fact]
    public void Write_CachedPageIsClean_SetsDirtyInMemory()
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | (StaleGuest.Flags & ~Dirty));
        guest.FrameOf(Linear, Access.UserRead);
        Assert.Equal(0UL, guest.Pte(Linear) & Dirty);

        guest.FrameOf(Linear, Access.UserWrite);

        Assert.Equal(Dirty, guest.Pte(Linear) & Dirty);
    }

    // C44.
    [Fact]
    public void Write_CachedPageIsCleanAndNoLongerWritable_Faults()
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | (StaleGuest.Flags & ~Dirty));
        guest.FrameOf(Linear);

        guest.SetPte(Linear, Old | (StaleGuest.Flags & ~(Dirty | Writable)));

        Assert.Equal(PageFaultErrorCode.Present | PageFaultErrorCode.Write | PageFaultErrorCode.User, guest.ErrorOf(Linear, Access.UserWrite));
    }

    // C44.
    [Fact]
    public void Write_CachedPageIsDirty_LeavesMemoryAlone()
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | StaleGuest.Flags);
        guest.FrameOf(Linear, Access.UserWrite);

        guest.SetPte(Linear, Old | (StaleGuest.Flags & ~Dirty));
        guest.FrameOf(Linear, Access.UserWrite);

        Assert.Equal(0UL, guest.Pte(Linear) & Dirty);
    }

    // C52.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Invlpg_AnyAddressOfALargePage_DropsAllOfIt(bool splinters)
    {
        var guest = new StaleGuest(splinters);
        guest.SetPde(StaleGuest.Flags | StaleGuest.LargePage);
        guest.FrameOf(0x0_0000);
        guest.FrameOf(0x1F_F000);

        guest.SetPde(0x4000_0000 | StaleGuest.Flags | StaleGuest.LargePage);
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
        var guest = new StaleGuest(splinters);
        ulong readOnly = StaleGuest.LargePage | (StaleGuest.Flags & ~Writable);
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
        var guest = new StaleGuest(splinters: true);
        guest.SetPde(0x4000_0000 | StaleGuest.Flags | StaleGuest.LargePage);
        guest.FrameOf(Linear);

        guest.SetPde(StaleGuest.Table | StaleGuest.Flags);
        guest.SetPte(Linear, New | StaleGuest.Flags);
        guest.SetPte(Linear + 0x1000, New | StaleGuest.Flags);

        Assert.Equal(0x4000_5000UL, guest.FrameOf(Linear));
        Assert.Equal(New, guest.FrameOf(Linear + 0x1000));
    }

    // C52. A20M# reaches into the offset within a large page.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Translate_CachedLargePageWhileA20IsMasked_HasBit20Clear(bool splinters)
    {
        var guest = new StaleGuest(splinters);
        guest.Mmu.SetA20Masked(true);
        guest.SetPde(0x4000_0000 | StaleGuest.Flags | StaleGuest.LargePage);
        Assert.Equal(0x400F_F000UL, guest.FrameOf(0x1F_F000));

        Assert.Equal(0x400F_F000UL, guest.FrameOf(0x1F_F000));
        Assert.Equal(0x400F_E000UL, guest.FrameOf(0x1F_E000));
    }

    // C53.
    [Fact]
    public void MovCr3_GlobalPage_IsKept()
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | StaleGuest.Flags | StaleGuest.Global);
        guest.FrameOf(Linear);

        guest.SetPte(Linear, New | StaleGuest.Flags | StaleGuest.Global);
        guest.Mmu.WriteCr3(guest.Mmu.Cr3);

        Assert.Equal(Old, guest.FrameOf(Linear));
    }

    // C54.
    [Fact]
    public void MovCr3_PageFilledWhilePgeWasClear_IsDropped()
    {
        var guest = new StaleGuest();
        guest.Mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension);
        guest.SetPte(Linear, Old | StaleGuest.Flags | StaleGuest.Global);
        guest.FrameOf(Linear);

        guest.SetPte(Linear, New | StaleGuest.Flags | StaleGuest.Global);
        guest.Mmu.WriteCr3(guest.Mmu.Cr3);

        Assert.Equal(New, guest.FrameOf(Linear));
    }

    // C55.
    [Fact]
    public void Translate_PdeChangedBehindThePdeCache_UsesTheOldTable()
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | StaleGuest.Flags);
        guest.ErrorOf(0x6000); // a fault in the table fills the PDE cache as well, and drops what it has used
        guest.FrameOf(Linear);
        guest.SetPte(0x7000, Old | StaleGuest.Flags);

        guest.SetPde(0);

        Assert.Equal(Old, guest.FrameOf(0x7000));
    }

    // C55.
    [Fact]
    public void Invlpg_OfAnotherPage_EmptiesThePdeCache()
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | StaleGuest.Flags);
        guest.SetPte(0x7000, Old | StaleGuest.Flags);
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
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | StaleGuest.Flags);
        guest.SetPte(0x7000, Old | StaleGuest.Flags);
        guest.SetPde(StaleGuest.Table | StaleGuest.Flags | (1UL << 63));
        guest.FrameOf(Linear);

        guest.Mmu.WriteEfer(0);

        Assert.Equal(Old, guest.FrameOf(0x7000, Access.UserRead));
        Assert.Equal(PageFaultErrorCode.Present | PageFaultErrorCode.User, guest.ErrorOf(0x7000, Access.UserFetch));
    }

    // C56.
    [Fact]
    public void Fault_StaleTranslationAndPde_AreGoneForTheRetry()
    {
        var guest = new StaleGuest(options: FaultNow);
        guest.SetPte(Linear, Old | (StaleGuest.Flags & ~Writable) | StaleGuest.Global);
        guest.FrameOf(Linear);

        guest.SetPte(Linear, New | StaleGuest.Flags, StaleGuest.OtherTable);
        guest.SetPde(StaleGuest.OtherTable | StaleGuest.Flags);
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
        var guest = new StaleGuest();
        guest.SetPte(linear, frame | StaleGuest.Flags);
        guest.FrameOf(linear);

        guest.SetPte(linear, New | StaleGuest.Flags);

        Assert.Equal(frame, guest.FrameOf(linear));
    }

    [Fact]
    public void Read_PageZeroNeverUsed_DoesNotHit()
    {
        var guest = new StaleGuest();

        Assert.Equal(PageFaultErrorCode.User, guest.ErrorOf(0));
    }

    // C57.
    [Fact]
    public void Write_RightsWereRelaxedInMemory_IsAllowedByARewalk()
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | (StaleGuest.Flags & ~Writable));
        guest.FrameOf(Linear);

        guest.SetPte(Linear, Old | StaleGuest.Flags);

        Assert.Equal(Old, guest.FrameOf(Linear, Access.UserWrite));
    }

    // C57.
    [Fact]
    public void Write_RightsWereRelaxedInMemory_FaultsOnceWhereCachedRightsCount()
    {
        var guest = new StaleGuest(options: FaultNow);
        guest.SetPte(Linear, Old | (StaleGuest.Flags & ~Writable));
        guest.FrameOf(Linear);

        guest.SetPte(Linear, Old | StaleGuest.Flags);

        guest.ErrorOf(Linear, Access.UserWrite);
        Assert.Equal(Old, guest.FrameOf(Linear, Access.UserWrite));
    }

    // C57.
    [Theory]
    [InlineData(Present)]
    [InlineData(Accessed)]
    public void Translate_FlagSetInMemory_NeedsNoInvalidation(ulong flag)
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | (StaleGuest.Flags & ~flag));
        guest.Mmu.Translate(Linear, Access.UserRead);

        guest.SetPte(Linear, Old | StaleGuest.Flags);

        Assert.Equal(Old, guest.FrameOf(Linear));
    }

    // C57.
    [Fact]
    public void Read_PageWithdrawnWithoutInvalidation_GoesOn()
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | StaleGuest.Flags);
        guest.FrameOf(Linear);

        guest.SetPte(Linear, 0);

        Assert.Equal(Old, guest.FrameOf(Linear));
    }

    // C58.
    [Fact]
    public void Invlpg_OnOneProcessor_LeavesTheOthersCachesAlone()
    {
        var first = new StaleGuest();
        var second = new StaleGuest(memory: first.Memory);
        first.SetPte(Linear, Old | StaleGuest.Flags);
        first.FrameOf(Linear);
        second.FrameOf(Linear);

        first.SetPte(Linear, New | StaleGuest.Flags);
        first.Mmu.Invlpg(Linear);

        Assert.Equal(New, first.FrameOf(Linear));
        Assert.Equal(Old, second.FrameOf(Linear));
    }

    // C58.
    [Fact]
    public void MovCr3_OnOneProcessor_LeavesTheOthersPdptesAlone()
    {
        var first = new StaleGuest();
        var second = new StaleGuest(memory: first.Memory);
        first.SetPte(Linear, Old | StaleGuest.Flags);

        first.SetPdpte(0);
        first.Mmu.WriteCr3(first.Mmu.Cr3);

        first.ErrorOf(Linear);
        Assert.Equal(Old, second.FrameOf(Linear));
    }
}
