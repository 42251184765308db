using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// Which level answers, which it fills, and what it leaves alone. All arrays here are fully associative with true LRU, so that
// what is evicted says what was used.
public sealed class TlbLevelTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(16, 4, 64)]
    [InlineData(1, 48, 48)]
    public void Entries_OfAGeometry_AreSetsTimesWays(int sets, int ways, int entries) =>
        Assert.Equal(entries, new TlbGeometry(sets, ways).Entries);

    private const uint LargeBase = 0x4000_0000;

    private static readonly Access Load = Access.SupervisorRead;
    private static readonly Access Store = Access.SupervisorWrite;
    private static readonly Access Fetch = Access.SupervisorFetch;

    [Fact]
    public void LoadLevel_LoadThatHitsTheFirstLevel_FillsIt()
    {
        TranslationCaches caches = new(new() { Data4K = Lru(4), Load4K = Lru(2) });
        Fill(caches, 0, Store);

        Assert.Equal(TlbHit.First, Look(caches, 0, Load));
        Assert.Equal(TlbHit.Load, Look(caches, 0, Load));
    }

    [Fact]
    public void LoadLevel_WalkForALoad_FillsBothLevels()
    {
        TranslationCaches caches = new(new() { Data4K = Lru(4), Load4K = Lru(2) });
        Fill(caches, 0, Load);

        Assert.Equal(TlbHit.Load, Look(caches, 0, Load));
        Assert.Equal(TlbHit.First, Look(caches, 0, Store));
    }

    [Fact]
    public void LoadLevel_StoresAndReadModifyWrites_NeitherUseNorFillIt()
    {
        var update = new Access(AccessKind.ReadModifyWrite, AccessMode.User);
        TranslationCaches caches = new(new() { Data4K = Lru(4), Load4K = Lru(2) });
        Fill(caches, 0, Load);
        Fill(caches, 1, Load);

        Assert.Equal(TlbHit.First, Look(caches, 0, Store));
        Assert.Equal(TlbHit.First, Look(caches, 0, update));
        Fill(caches, 2, Store);
        Fill(caches, 3, update);
        Assert.Equal(TlbHit.Load, Look(caches, 1, Load));
        Assert.Equal(TlbHit.Load, Look(caches, 0, Load));
        Assert.Equal(TlbHit.First, Look(caches, 2, Load)); // evicts 1, used before 0 whatever the stores did
        Assert.Equal(TlbHit.Load, Look(caches, 0, Load));
        Assert.Equal(TlbHit.First, Look(caches, 1, Load));
    }

    [Fact]
    public void LoadLevel_Fetches_NeitherUseNorFillIt()
    {
        TranslationCaches caches = new(new() { Instruction4K = Lru(2), Data4K = Lru(2), Load4K = Lru(2) });
        Fill(caches, 0, Fetch);
        Fill(caches, 1, Load);

        Assert.Equal(TlbHit.First, Look(caches, 0, Fetch));
        Assert.Equal(TlbHit.None, Look(caches, 0, Load));
        Assert.Equal(TlbHit.None, Look(caches, 1, Fetch));
    }

    [Fact]
    public void LoadLevel_Hit_LeavesTheFirstLevelUntouched()
    {
        TranslationCaches caches = new(new() { Data4K = Lru(2), Load4K = Lru(2) });
        Fill(caches, 0, Load);
        Fill(caches, 1, Load);
        Assert.Equal(TlbHit.Load, Look(caches, 0, Load));
        Fill(caches, 2, Store);

        Assert.Equal(TlbHit.None, Look(caches, 0, Store));
        Assert.Equal(TlbHit.First, Look(caches, 1, Store));
        Assert.Equal(TlbHit.Load, Look(caches, 0, Load));
    }

    [Fact]
    public void LoadLevel_LargePages_HaveTheirOwnArray()
    {
        TranslationCaches caches = new(new() { DataLarge = Lru(4), LoadLarge = Lru(1) });
        FillLarge(caches, 0, Load);
        FillLarge(caches, 1, Load);

        Assert.Equal(TlbHit.Load, LookLarge(caches, 1, Load));
        Assert.Equal(TlbHit.First, LookLarge(caches, 1, Store));
        Assert.Equal(TlbHit.First, LookLarge(caches, 0, Load));
        Assert.Equal(TlbHit.Load, LookLarge(caches, 0, Load));
        Assert.Equal(TlbHit.First, LookLarge(caches, 1, Load));
    }

    [Fact]
    public void LoadLevel_OfOneSize_LeavesTheOtherSizeToTheFirstLevel()
    {
        TranslationCaches caches = new(new() { Data4K = Lru(2), DataLarge = Lru(2), Load4K = Lru(2) });
        FillLarge(caches, 0, Load);
        Fill(caches, 0, Load);

        Assert.Equal(TlbHit.First, LookLarge(caches, 0, Load));
        Assert.Equal(TlbHit.First, LookLarge(caches, 0, Load));
        Assert.Equal(TlbHit.Load, Look(caches, 0, Load));
    }

    [Fact]
    public void SecondLevel_Hit_RefillsTheFirstLevel()
    {
        TranslationCaches caches = new(new() { Data4K = Lru(2), SecondData4K = Lru(4) });
        Fill(caches, 0, Load);
        Fill(caches, 1, Load);
        Fill(caches, 2, Load);

        Assert.Equal(TlbHit.Second, Look(caches, 0, Load));
        Assert.Equal(TlbHit.First, Look(caches, 0, Load));
        Assert.Equal(TlbHit.First, Look(caches, 2, Load));
        Assert.Equal(TlbHit.Second, Look(caches, 1, Store));
    }

    [Fact]
    public void SecondLevel_HitInTheFirst_LeavesItUntouched()
    {
        TranslationCaches caches = new(new() { Data4K = Lru(4), SecondData4K = Lru(2), SecondIsUnified = true });
        Fill(caches, 0, Load);
        Fill(caches, 1, Load);
        Assert.Equal(TlbHit.First, Look(caches, 0, Load));
        Fill(caches, 2, Load);

        Assert.Equal((false, true, true), (Holds(caches, 0, Fetch), Holds(caches, 1, Fetch), Holds(caches, 2, Fetch)));
    }

    [Fact]
    public void SecondLevel_HitInIt_CountsAsUse()
    {
        TranslationCaches caches = new(
            new() { Data4K = Lru(4), Instruction4K = Lru(4), SecondData4K = Lru(2), SecondIsUnified = true });
        Fill(caches, 0, Load);
        Fill(caches, 1, Load);
        Assert.Equal(TlbHit.Second, Look(caches, 0, Fetch));
        Assert.Equal(TlbHit.First, Look(caches, 0, Fetch));
        Fill(caches, 2, Load);

        Assert.Equal(TlbHit.None, Look(caches, 1, Fetch));
        Assert.Equal(TlbHit.Second, Look(caches, 2, Fetch));
    }

    [Fact]
    public void SecondLevel_EntryEvictedFromTheFirst_IsNotWrittenBack()
    {
        TranslationCaches caches = new(
            new() { Data4K = Lru(2), Instruction4K = Lru(2), SecondData4K = Lru(2), SecondIsUnified = true });
        Fill(caches, 0, Load);
        Fill(caches, 1, Load);
        Assert.Equal(TlbHit.First, Look(caches, 0, Load));
        Fill(caches, 2, Fetch); // the second level loses 0, which the first still holds
        Assert.Equal(TlbHit.First, Look(caches, 0, Load));
        Assert.Equal(TlbHit.Second, Look(caches, 2, Load)); // the first level loses 1
        Assert.Equal(TlbHit.Second, Look(caches, 1, Load)); // and then 0

        Assert.Equal(TlbHit.None, Look(caches, 0, Load));
    }

    [Fact]
    public void SecondLevel_Unified_ServesFetchesWithWhatLoadsHaveFilled()
    {
        TranslationCaches caches = new(new()
        {
            Instruction4K = Lru(2),
            InstructionLarge = Lru(2),
            Data4K = Lru(2),
            DataLarge = Lru(2),
            SecondData4K = Lru(4),
            SecondDataLarge = Lru(4),
            SecondIsUnified = true,
        });
        Fill(caches, 0, Load);
        FillLarge(caches, 1, Fetch);

        Assert.Equal(TlbHit.Second, Look(caches, 0, Fetch));
        Assert.Equal(TlbHit.First, Look(caches, 0, Fetch));
        Assert.Equal(TlbHit.Second, LookLarge(caches, 1, Load));
        Assert.Equal(TlbHit.First, LookLarge(caches, 1, Store));
    }

    [Fact]
    public void SecondLevel_Split_KeepsTheSidesApart()
    {
        TranslationCaches caches = new(new()
        {
            Instruction4K = Lru(1),
            InstructionLarge = Lru(1),
            Data4K = Lru(1),
            DataLarge = Lru(1),
            SecondInstruction4K = Lru(2),
            SecondInstructionLarge = Lru(2),
            SecondData4K = Lru(2),
            SecondDataLarge = Lru(2),
        });
        for (uint page = 0; page < 2; page++)
        {
            Fill(caches, page, Load);
            Fill(caches, page + 2, Fetch);
            FillLarge(caches, page, Load);
            FillLarge(caches, page + 2, Fetch);
        }

        Assert.Equal((TlbHit.Second, TlbHit.None), (Look(caches, 0, Load), Look(caches, 0, Fetch)));
        Assert.Equal((TlbHit.Second, TlbHit.None), (Look(caches, 2, Fetch), Look(caches, 2, Load)));
        Assert.Equal((TlbHit.Second, TlbHit.None), (LookLarge(caches, 0, Store), LookLarge(caches, 0, Fetch)));
        Assert.Equal((TlbHit.Second, TlbHit.None), (LookLarge(caches, 2, Fetch), LookLarge(caches, 2, Load)));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void SecondLevel_OnTheInstructionSideOnly_IsASecondLevel(bool unified, bool servesLoads)
    {
        TranslationCaches caches = new(unified
            ? new() { SecondData4K = Lru(2), SecondIsUnified = true }
            : new() { SecondInstruction4K = Lru(2) });
        Fill(caches, 0, Fetch);

        Assert.True(caches.HasSecondLevel());
        Assert.Equal(TlbHit.Second, Look(caches, 0, Fetch));
        Assert.Equal(servesLoads ? TlbHit.Second : TlbHit.None, Look(caches, 0, Load));
    }

    [Fact]
    public void SecondLevel_OfLargePagesOnly_IsASecondLevel()
    {
        TranslationCaches caches = new(new() { DataLarge = Lru(1), SecondDataLarge = Lru(2) });
        FillLarge(caches, 0, Load);
        FillLarge(caches, 1, Load);

        Assert.True(caches.HasSecondLevel());
        Assert.Equal(TlbHit.Second, LookLarge(caches, 0, Load));
        Assert.True(new TranslationCaches(new() { SecondInstructionLarge = Lru(1) }).HasSecondLevel());
    }

    [Fact]
    public void SecondLevel_LoadThatHitsIt_FillsBothLevelsBeforeIt()
    {
        TranslationCaches caches = new(new() { Load4K = Lru(1), Data4K = Lru(1), SecondData4K = Lru(4) });
        Fill(caches, 0, Load);
        Fill(caches, 1, Load);

        Assert.Equal(TlbHit.Second, Look(caches, 0, Load));
        Assert.Equal(TlbHit.Load, Look(caches, 0, Load));
        Assert.Equal(TlbHit.Second, Look(caches, 1, Store));
        Assert.Equal(TlbHit.Load, Look(caches, 0, Load));
    }

    [Fact]
    public void SharedSizes_OfTheDataSide_CompeteForOneArray()
    {
        TranslationCaches caches = new(new() { Data4K = Lru(2), DataSizesShare = true });
        Fill(caches, 0, Load);
        FillLarge(caches, 0, Load);
        Assert.Equal((TlbHit.First, TlbHit.First), (Look(caches, 0, Load), LookLarge(caches, 0, Load)));
        Fill(caches, 1, Store);

        Assert.Equal((TlbHit.None, TlbHit.First), (Look(caches, 0, Load), LookLarge(caches, 0, Load)));
        Assert.Equal(TlbHit.None, Look(caches, 0, Fetch));
    }

    [Fact]
    public void SharedSizes_OfTheInstructionSide_CompeteForOneArray()
    {
        TranslationCaches caches = new(new() { Instruction4K = Lru(2), Data4K = Lru(2), InstructionSizesShare = true });
        Fill(caches, 0, Fetch);
        FillLarge(caches, 0, Fetch);
        FillLarge(caches, 1, Fetch);
        FillLarge(caches, 0, Load);

        Assert.Equal((TlbHit.None, TlbHit.First), (Look(caches, 0, Fetch), LookLarge(caches, 0, Fetch)));
        Assert.Equal(TlbHit.None, LookLarge(caches, 0, Load));
    }

    [Fact]
    public void SharedSizes_OfTheSecondLevel_CompeteForOneArray()
    {
        TranslationCaches caches = new(new() { SecondData4K = Lru(2), SecondSizesShare = true, SecondIsUnified = true });
        Fill(caches, 0, Load);
        FillLarge(caches, 0, Load);
        Fill(caches, 1, Load);

        Assert.Equal((TlbHit.None, TlbHit.Second), (Look(caches, 0, Load), LookLarge(caches, 0, Fetch)));
    }

    [Fact]
    public void SharedSizes_SmallPageWithTheNumberOfALargeOne_IsNotTakenForIt()
    {
        TranslationCaches caches = new(new() { Data4K = Lru(4), DataSizesShare = true });
        caches.Fill(0x0000_5000, Load, WalkResult.Translated(0x7000, PageAttributes.None)); // page number 5
        Assert.Equal(TlbHit.None, caches.TryTranslate(0x00A0_0000, Load, out _)); // in large page 5
        caches.Fill(0x00A0_0000, Load, WalkResult.Translated(0x0060_0000, PageAttributes.Large));

        Assert.Equal(TlbHit.First, caches.TryTranslate(0x0000_5123, Load, out WalkResult small));
        Assert.Equal(TlbHit.First, caches.TryTranslate(0x00BF_F123, Load, out WalkResult large));
        Assert.Equal((0x7123ul, 0x007F_F123ul), (small.PhysicalAddress, large.PhysicalAddress));
    }

    [Theory]
    [InlineData(PagingMode.Pae, 0x4020_0000, false)]
    [InlineData(PagingMode.TwoLevel, 0x4020_0000, true)]
    [InlineData(PagingMode.TwoLevel, 0x4040_0000, false)]
    public void LargePage_Reach_FollowsThePagingMode(PagingMode mode, uint linear, bool reached)
    {
        TranslationCaches caches = new(new() { DataLarge = Lru(4) });
        var control = new ControlRegisters(CpuFeatures.Pae36);
        var bus = new RamBus(new GuestMemory(4096));
        control.WriteCr4((uint)(mode == PagingMode.Pae ? Cr4.PhysicalAddressExtension : Cr4.PageSizeExtensions), ref bus);
        control.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging), ref bus);
        caches.Follow(in control.State);
        caches.Fill(LargeBase, Load, WalkResult.Translated(0x0080_0000, PageAttributes.Large));

        Assert.Equal(reached ? TlbHit.First : TlbHit.None, caches.TryTranslate(linear, Load, out WalkResult result));
        Assert.True(!reached || result.PhysicalAddress == 0x00A0_0000);
    }

    [Fact]
    public void Translation_FromEachLevel_HasFrameOffsetAndAttributes()
    {
        const PageAttributes Attributes = PageAttributes.Writable | PageAttributes.Dirty | PageAttributes.Global;
        TranslationCaches caches = new(
            new() { Load4K = Lru(1), Data4K = Lru(1), SecondData4K = Lru(2), SecondIsUnified = true });
        WalkResult walked = WalkResult.Translated(0xF_2345_6123, Attributes).WithPatType(MemoryType.WriteThrough);
        caches.Fill(0x0040_0123, Load, walked);

        Assert.Equal(TlbHit.Load, caches.TryTranslate(0x0040_0ABC, Load, out WalkResult load));
        Assert.Equal(TlbHit.First, caches.TryTranslate(0x0040_0ABC, Store, out WalkResult first));
        Assert.Equal(TlbHit.Second, caches.TryTranslate(0x0040_0ABC, Fetch, out WalkResult second));
        Assert.All([load, first, second], result => Assert.Equal(
            (0xF_2345_6ABCul, Attributes, MemoryType.WriteThrough), (result.PhysicalAddress, result.Attributes, result.PatType)));
    }

    [Fact]
    public void Peek_AnyLevel_HasTheStampOfTheFillAndLeavesNoTrace()
    {
        TranslationCaches caches = new(
            new() { Load4K = Lru(2), Data4K = Lru(2), SecondData4K = Lru(2), SecondIsUnified = true });
        Fill(caches, 0, Load);
        Fill(caches, 1, Load);
        Assert.Equal(2u, caches.Fills);
        foreach (Access access in (Access[])[Load, Store, Fetch])
        {
            Assert.True(caches.TryPeek(0, access, out WalkResult result, out uint stamp));
            Assert.Equal((0x1_0000ul, 1u), (result.PhysicalAddress, stamp));
            Assert.True(caches.TryPeek(0x1000, access, out _, out stamp));
            Assert.Equal(2u, stamp);
            Assert.True(caches.TryPeek(0, access, out _, out _));
        }

        Fill(caches, 2, Load); // evicts 0 everywhere, although it was peeked at last
        foreach (Access access in (Access[])[Load, Store, Fetch])
        {
            Assert.Equal((false, true, true), (Holds(caches, 0, access), Holds(caches, 1, access), Holds(caches, 2, access)));
        }
    }

    [Fact]
    public void Peek_Store_DoesNotSeeTheLoadLevel()
    {
        TranslationCaches caches = new(new() { Load4K = Lru(2), LoadLarge = Lru(2) });
        Fill(caches, 0, Load);
        FillLarge(caches, 0, Load);

        Assert.True(Holds(caches, 0, Load));
        Assert.True(caches.TryPeek(LargeBase, Load, out WalkResult large, out _));
        Assert.Equal(0x8_0000_0000ul, large.PhysicalAddress);
        Assert.False(Holds(caches, 0, Store) || Holds(caches, 0, Fetch) || caches.TryPeek(LargeBase, Store, out _, out _));
    }

    [Fact]
    public void EvictAny_EachArrayInTurn_LosesItsEntryOnce()
    {
        TranslationCaches caches = new(new()
        {
            Instruction4K = Lru(1),
            Data4K = Lru(1),
            InstructionLarge = Lru(1),
            DataLarge = Lru(1),
            PdeCache = Lru(1),
        });
        Fill(caches, 0, Load);
        Fill(caches, 0, Fetch);
        FillLarge(caches, 0, Load);
        FillLarge(caches, 0, Fetch);
        caches.FillPde(0, 0x1023);
        Assert.Equal(5, Held());
        for (ulong array = 0; array < 5; array++)
        {
            caches.EvictAny((array + 5) << 32 | 7);
            Assert.Equal(4 - (int)array, Held());
        }

        int Held() => new[]
        {
            Holds(caches, 0, Load),
            Holds(caches, 0, Fetch),
            caches.TryPeek(LargeBase, Load, out _, out _),
            caches.TryPeek(LargeBase, Fetch, out _, out _),
            caches.PeekPde(0, out _) != 0,
        }.Count(held => held);
    }

    [Fact]
    public void EvictAny_ReachesTheLoadLevelAndTheSecondLevel()
    {
        TranslationCaches caches = new(new() { Load4K = Lru(2), SecondData4K = Lru(2) });
        Fill(caches, 0, Load);
        Fill(caches, 1, Load);
        caches.EvictAny(0); // way 0 of the load level
        Assert.Equal((TlbHit.Second, TlbHit.Load), (Look(caches, 0, Load), Look(caches, 1, Load)));
        caches.EvictAny(1UL << 32 | 1); // way 1 of the second level
        Assert.Equal((TlbHit.Second, TlbHit.None), (Look(caches, 0, Store), Look(caches, 1, Store)));
    }

    [Fact]
    public void EvictAny_NoArrays_DoesNothing()
    {
        TranslationCaches caches = new(TlbConfiguration.Coherent);
        caches.EvictAny(ulong.MaxValue);

        Assert.False(caches.HasSecondLevel() || caches.HasPdeCache);
    }

    private static TlbGeometry Lru(int ways) => new(1, ways, Replacement.Lru);

    private static void Fill(TranslationCaches caches, uint page, Access access) =>
        caches.Fill(page << 12, access, WalkResult.Translated(0x1_0000 + ((ulong)page << 12), PageAttributes.None));

    private static void FillLarge(TranslationCaches caches, uint page, Access access) => caches.Fill(
        LargeBase + (page << 21), access, WalkResult.Translated(0x8_0000_0000 + ((ulong)page << 21), PageAttributes.Large));

    private static TlbHit Look(TranslationCaches caches, uint page, Access access)
    {
        TlbHit hit = caches.TryTranslate((page << 12) + 0x123, access, out WalkResult result);
        Assert.True(hit == TlbHit.None || result.PhysicalAddress == 0x1_0123 + ((ulong)page << 12));
        return hit;
    }

    private static TlbHit LookLarge(TranslationCaches caches, uint page, Access access)
    {
        TlbHit hit = caches.TryTranslate(LargeBase + (page << 21) + 0x1F_F123, access, out WalkResult result);
        Assert.True(hit == TlbHit.None || result.PhysicalAddress == 0x8_001F_F123 + ((ulong)page << 21));
        return hit;
    }

    private static bool Holds(TranslationCaches caches, uint page, Access access) =>
        caches.TryPeek(page << 12, access, out _, out _);
}
