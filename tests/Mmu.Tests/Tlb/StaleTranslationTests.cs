using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// What software sees when it changes tables and does, or does not, invalidate (Intel SDM vol. 3, 4.10.4).
public sealed class StaleTranslationTests
{
    private const uint Page = 0x0040_3000;
    private const uint Neighbour = 0x0040_4000;
    private const uint Elsewhere = 0xC080_0000;
    private const uint PgeOff = (uint)Cr4.PhysicalAddressExtension;
    private const uint PgeOn = PgeOff | (uint)Cr4.PageGlobalEnable;

    [Theory]
    [InlineData(0)]
    [InlineData(EntryBits.Global)]
    public void Read_EntryChangedInMemory_IsStaleUntilInvlpg(ulong global)
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1, global);
        Assert.Equal(1ul, guest.Read(Page));

        guest.Map(Page, 2, global);
        Assert.Equal(1ul, guest.Read(Page));
        guest.Mmu.Invlpg(Neighbour);
        Assert.Equal(1ul, guest.Read(Page));
        guest.Mmu.Invlpg(Page + 0xFFF);
        Assert.Equal(2ul, guest.Read(Page));
    }

    [Fact]
    public void Read_EntryClearedInMemory_IsServedUntilInvlpg()
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1);
        guest.Read(Page);

        guest.SetEntry(guest.PteAddress(Page), 0);
        Assert.Equal(1ul, guest.Read(Page));
        guest.Mmu.Invlpg(Page);
        Assert.Null(guest.Read(Page));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(EntryBits.Global, 1)]
    public void WriteCr3_SameValue_DropsAllButGlobalPages(ulong global, ulong expected)
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1, global);
        guest.Read(Page);
        guest.Map(Page, 2, global);

        Assert.True(guest.Mmu.WriteCr3(guest.Mmu.Cr3));

        Assert.Equal(expected, guest.Read(Page));
    }

    [Fact]
    public void WriteCr3_GeneralProtection_DropsNothing()
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1);
        guest.Read(Page);
        guest.Map(Page, 2);
        guest.SetEntry(0x9000, EntryBits.Present | EntryBits.Writable); // R/W is reserved in a PDPTE

        Assert.False(guest.Mmu.WriteCr3(0x9000));

        Assert.Equal(1ul, guest.Read(Page));
    }

    [Theory]
    [InlineData(PgeOn)]
    [InlineData(PgeOff)]
    public void WriteCr4_PgeChanges_DropsGlobalPagesToo(uint before)
    {
        var guest = new CachedGuest();
        guest.Mmu.WriteCr4(before);
        guest.Map(Page, 1, EntryBits.Global);
        guest.Read(Page);
        guest.Map(Page, 2, EntryBits.Global);
        guest.Mmu.WriteCr4(before);
        Assert.Equal(1ul, guest.Read(Page));

        guest.Mmu.WriteCr4(before ^ (uint)Cr4.PageGlobalEnable);

        Assert.Equal(2ul, guest.Read(Page));
    }

    // The flag is that of the fill, not of the flush.
    [Fact]
    public void WriteCr3_PageFilledWithoutPge_IsNotGlobal()
    {
        var guest = new CachedGuest();
        guest.Mmu.WriteCr4(PgeOff);
        guest.Map(Page, 1, EntryBits.Global);
        guest.Read(Page);
        guest.Map(Page, 2, EntryBits.Global);

        guest.Mmu.WriteCr3(guest.Mmu.Cr3);

        Assert.Equal(2ul, guest.Read(Page));
    }

    [Fact]
    public void WriteCr4_SmepSet_DropsEverything()
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1, EntryBits.Global);
        guest.Read(Page);
        guest.Map(Page, 2, EntryBits.Global);

        guest.Mmu.WriteCr4(PgeOn | (uint)Cr4.SupervisorExecutionPrevention);

        Assert.Equal(2ul, guest.Read(Page));
    }

    [Fact]
    public void WriteCr0_PagingOffAndOn_DropsEverything()
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1, EntryBits.Global);
        guest.Read(Page);
        guest.Map(Page, 2, EntryBits.Global);
        uint cr0 = (uint)guest.Mmu.Cr0;

        Assert.True(guest.Mmu.WriteCr0(cr0 & ~(uint)Cr0.Paging));
        Assert.True(guest.Mmu.WriteCr0(cr0));

        Assert.Equal(2ul, guest.Read(Page));
    }

    [Fact]
    public void Read_NotPresentThenPresent_IsSeenAtOnce()
    {
        var guest = new CachedGuest();
        guest.PteAddress(Page);
        Assert.Null(guest.Read(Page));

        guest.Map(Page, 1);

        Assert.Equal(1ul, guest.Read(Page));
    }

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0x1F_F000)]
    public void Invlpg_AnyAddressOfALargePage_DropsAllOfIt(uint offset)
    {
        var guest = new CachedGuest();
        uint large = Page & ~0x1F_FFFFu;
        guest.SetEntry(CachedGuest.PdeAddress(large), CachedGuest.Frame(0) | 0x1E7); // G, PS, D, A, U/S, R/W, P
        Assert.Equal(3ul, guest.Read(large + 0x3000));

        guest.SetEntry(CachedGuest.PdeAddress(large), 0);
        Assert.Equal(4ul, guest.Read(large + 0x4000));
        guest.Mmu.Invlpg(large + offset);

        Assert.Null(guest.Read(large + 0x3000));
    }

    [Fact]
    public void Fetch_EntryCachedForDataOnly_WalksByItself()
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1);
        guest.Read(Page);
        guest.Map(Page, 2);

        Assert.Equal((2ul, 1ul), (guest.Fetch(Page), guest.Read(Page)));
        guest.Mmu.Invlpg(Page);
        Assert.Equal((2ul, 2ul), (guest.Fetch(Page), guest.Read(Page)));
    }

    [Fact]
    public void Write_CleanEntryCached_SetsDirtyOnceByAWalk()
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1);
        guest.Read(Page);
        (int walks, int updates) = (guest.Walks.Walks, guest.Walks.Updates);

        Assert.True(guest.CanWrite(Page));
        Assert.Equal(EntryBits.Dirty, guest.Entry(guest.PteAddress(Page)) & EntryBits.Dirty);
        Assert.Equal((walks + 1, updates + 1), (guest.Walks.Walks, guest.Walks.Updates));

        guest.SetEntry(guest.PteAddress(Page), 0);
        Assert.True(guest.CanWrite(Page));
        Assert.Equal(1ul, guest.Read(Page));
        Assert.Equal((walks + 1, updates + 1), (guest.Walks.Walks, guest.Walks.Updates));
    }

    [Fact]
    public void Write_CleanEntryCachedButNowReadOnly_Faults()
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1);
        guest.Read(Page);
        guest.SetEntry(guest.PteAddress(Page), CachedGuest.Frame(1) | EntryBits.Present | EntryBits.Accessed);

        Assert.False(guest.CanWrite(Page));
    }

    [Fact]
    public void Write_DirtyEntryCachedAndNowReadOnly_IsServedUntilInvlpg()
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1);
        Assert.True(guest.CanWrite(Page));
        guest.SetEntry(guest.PteAddress(Page), CachedGuest.Frame(1) | EntryBits.Present | EntryBits.Accessed);

        Assert.True(guest.CanWrite(Page));
        guest.Mmu.Invlpg(Page);
        Assert.False(guest.CanWrite(Page));
    }

    // Relaxed rights need no invalidation: the access is walked again, or faults once at most.
    [Theory]
    [InlineData(TlbPermissionMiss.Rewalk, true)]
    [InlineData(TlbPermissionMiss.FaultNow, false)]
    public void Write_ReadOnlyEntryCachedAndNowWritable_IsAllowedAtOnceOrAtTheSecondTry(TlbPermissionMiss policy, bool atOnce)
    {
        var guest = new CachedGuest(options: new PagingOptions { TlbPermissionMiss = policy });
        guest.SetEntry(guest.PteAddress(Page), CachedGuest.Frame(1) | EntryBits.Present | EntryBits.Accessed);
        guest.Read(Page);
        guest.Map(Page, 1);

        Assert.Equal(atOnce, guest.CanWrite(Page));
        Assert.True(guest.CanWrite(Page));
    }

    [Fact]
    public void Write_DeniedByCachedEntry_SeesMemoryNotTheTlb()
    {
        var guest = new CachedGuest();
        guest.SetEntry(guest.PteAddress(Page), CachedGuest.Frame(1) | EntryBits.Present | EntryBits.Accessed);
        guest.Read(Page);
        guest.SetEntry(guest.PteAddress(Page), 0);

        AccessResult result = guest.Mmu.Write(Page, Access.SupervisorWrite, 1);

        Assert.Equal(new PageFault(PageFaultErrorCode.Write, Page), result.Fault);
        Assert.Null(guest.Read(Page));
    }

    // CR0.WP is not in an entry: it counts from the next access on.
    [Fact]
    public void Write_WpToggledWithTheEntryCached_IsEvaluatedLive()
    {
        var guest = new CachedGuest();
        uint cr0 = (uint)guest.Mmu.Cr0;
        guest.SetEntry(guest.PteAddress(Page), CachedGuest.Frame(1) | EntryBits.Present | EntryBits.Accessed | EntryBits.Dirty);
        guest.Read(Page);

        Assert.False(guest.CanWrite(Page));
        guest.Mmu.WriteCr0(cr0 & ~(uint)Cr0.WriteProtect);
        Assert.True(guest.CanWrite(Page));
        guest.Mmu.WriteCr0(cr0);
        Assert.False(guest.CanWrite(Page));
    }

    [Fact]
    public void Read_PdeCachedAndChangedInMemory_UsesTheOldTableUntilAnyInvlpg()
    {
        CachedGuest guest = WithTwoTables(out ulong other);
        Assert.Equal(1ul, guest.Read(Page));
        guest.SetEntry(CachedGuest.PdeAddress(Page), other);

        Assert.Equal(2ul, guest.Read(Neighbour));
        guest.Mmu.Invlpg(Elsewhere);
        Assert.Equal(1ul, guest.Read(Page));
        guest.Mmu.Invlpg(Neighbour);
        Assert.Equal(4ul, guest.Read(Neighbour));
    }

    [Fact]
    public void Read_PdeCachedAndClearedInMemory_IsUsedUntilCr3IsWritten()
    {
        CachedGuest guest = WithTwoTables(out _);
        Assert.Equal(1ul, guest.Read(Page));
        guest.SetEntry(CachedGuest.PdeAddress(Page), 0);

        Assert.Equal(2ul, guest.Read(Neighbour));
        guest.Mmu.WriteCr3(guest.Mmu.Cr3);
        Assert.Null(guest.Read(Neighbour));
    }

    // A page fault drops the PDE that was used: the next try sees memory only.
    [Fact]
    public void Read_FaultThroughAStalePde_SucceedsWhenTriedAgain()
    {
        CachedGuest guest = WithTwoTables(out ulong other);
        guest.SetEntry(guest.PteAddress(Neighbour), 0);
        guest.Read(Page);
        guest.SetEntry(CachedGuest.PdeAddress(Page), other);

        Assert.Null(guest.Read(Neighbour));
        Assert.Equal(4ul, guest.Read(Neighbour));
    }

    [Fact]
    public void Read_PdeCached_LoadsThePteOnly()
    {
        CachedGuest guest = WithTwoTables(out _);
        guest.Read(Page);
        int loads = guest.Walks.Loads;

        guest.Read(Neighbour);
        Assert.Equal(loads + 1, guest.Walks.Loads);
        guest.Read(Neighbour);
        Assert.Equal(loads + 1, guest.Walks.Loads);
        guest.Mmu.Invlpg(Neighbour);
        guest.Read(Neighbour);
        Assert.Equal(loads + 3, guest.Walks.Loads);
    }

    [Fact]
    public void Read_CoherentMmu_SeesEveryChangeAtOnce()
    {
        var guest = new CachedGuest(TlbConfiguration.Coherent);
        guest.Map(Page, 1, EntryBits.Global);
        Assert.Equal(1ul, guest.Read(Page));
        guest.Map(Page, 2, EntryBits.Global);

        Assert.Equal(2ul, guest.Read(Page));
    }

    // XD of a cached entry outlives EFER.NXE: no invalidation is listed for the write, and reads go on from the TLB.
    [Fact]
    public void WriteEfer_NxeCleared_KeepsCachedTranslations()
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1, EntryBits.ExecuteDisable);
        guest.Read(Page);

        Assert.True(guest.Mmu.WriteEfer(0));

        Assert.Equal(1ul, guest.Read(Page));
        guest.Mmu.Invlpg(Page);
        Assert.Null(guest.Read(Page)); // bit 63 is reserved now
    }

    /// <summary>One table maps the page and its neighbour to 1 and 2, the other one, not yet in use, to 3 and 4.</summary>
    private static CachedGuest WithTwoTables(out ulong other)
    {
        var guest = new CachedGuest();
        guest.Map(Page, 1);
        guest.Map(Neighbour, 2);
        ulong first = guest.Entry(CachedGuest.PdeAddress(Page));
        other = guest.NewTable() | (first & 0xFFF);
        guest.SetEntry(CachedGuest.PdeAddress(Page), other);
        guest.Map(Page, 3);
        guest.Map(Neighbour, 4);
        guest.SetEntry(CachedGuest.PdeAddress(Page), first);
        return guest;
    }
}
