using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// What accesses of a timed MMU ask first. That it finds what the levels hold, in the same order of replacement, is the business of
// the models that run over TranslationCaches; here is what it must not find, and when it stands aside.
public sealed class TlbSideTests
{
    private const uint Small = 0x0040_3000;
    private const uint Large = 0x1020_0000;
    private const PageAttributes Rights = PageAttributes.User | PageAttributes.Writable | PageAttributes.Dirty;

    private static readonly TlbConfiguration TwoLevels = new()
    {
        Instruction4K = new(4, 4),
        Data4K = new(4, 4),
        DataLarge = new(4, 4),
        SecondData4K = new(16, 4),
    };

    private readonly TranslationCaches _caches = new(TwoLevels);

    [Theory]
    [InlineData(AccessKind.Read, PageAttributes.None)]
    [InlineData(AccessKind.Write, PageAttributes.Global)]
    [InlineData(AccessKind.Fetch, PageAttributes.None)]
    public void TryHit_FilledPage_IsFoundByAccessesOfItsKindAlone(AccessKind kind, PageAttributes more)
    {
        var access = new Access(kind, AccessMode.User);
        WalkResult walked = WalkResult.Translated(0x8_4000_0000, Rights | more);
        _caches.Fill(Small, access, walked);

        Assert.True(_caches.SideOf(access).TryHit(Small + 0xABC, out ulong payload, out uint offset));
        Assert.Equal(WalkResult.Translated(0x8_4000_0ABC, Rights | more), TlbLookup.Translated(payload, offset));
        Assert.False(_caches.Hits(Small ^ 0x1000, access));
        Assert.Equal(kind == AccessKind.Fetch, !_caches.Hits(Small, Access.SupervisorRead));
    }

    // Every verdict: rights of the page, whether it is dirty, and the access; the rules themselves have their own tests.
    [Fact]
    public void Refuses_EveryPageAndAccess_AgreesWithTheRules()
    {
        foreach (Cr0 more in new[] { Cr0.None, Cr0.WriteProtect })
        {
            PagingState state = PagingStates.Pae(more, Cr4.SupervisorAccessPrevention);
            _caches.Follow(in state);
            for (uint page = 0; page < 1 << 12; page++)
            {
                ulong payload = TlbLookup.PayloadOf(EntryBits.Frame, page, isLarge: (page & 1) != 0);
                foreach (Access access in EveryAccess())
                {
                    var attributes = (PageAttributes)(page & 0x1FF);
                    bool isClean = access.IsWrite && (attributes & PageAttributes.Dirty) == 0;
                    Assert.Equal(
                        isClean || AccessRights.Denies(state.Denied, access, attributes),
                        _caches.SideOf(access).Refuses(payload, access));
                }
            }
        }
    }

    [Fact]
    public void TryHit_Suspended_FindsNothingUntilItIsNot()
    {
        _caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));

        _caches.AreHitsSuspended = true;
        Assert.False(_caches.Hits(Small, Access.UserRead));
        _caches.FlushNonGlobal(); // takes a new generation, and must not ask for it
        _caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        Assert.False(_caches.Hits(Small, Access.UserRead));

        _caches.AreHitsSuspended = false;
        Assert.True(_caches.Hits(Small, Access.UserRead));
    }

    [Fact]
    public void TryHit_GlobalPageSuspended_IsNotFound()
    {
        _caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights | PageAttributes.Global));
        Assert.True(_caches.Hits(Small, Access.UserRead));
        _caches.AreHitsSuspended = true;
        Assert.False(_caches.Hits(Small, Access.UserRead));
    }

    // The sibling's flushes make the generations run out several times.
    [Fact]
    public void TryHit_SiblingFlushesUntilGenerationsAreRenumbered_FindsItsOwnEntriesAlone()
    {
        TlbConfiguration shared = new() { Data4K = new(4, 4) };
        var flushing = new TranslationCaches(shared);
        var keeping = new TranslationCaches(shared, flushing);
        for (int i = 0; i < 50; i++)
        {
            keeping.FlushAll(); // so that its generations are not those that it is given again
        }

        keeping.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        for (int i = 0; i < 7000; i++)
        {
            flushing.FlushAll();
            Assert.False(flushing.Hits(Small, Access.UserRead));
            flushing.Fill(Small, Access.UserRead, WalkResult.Translated(0xA000, Rights));

            Assert.True(flushing.Loads.TryHit(Small, out ulong others, out uint offset));
            Assert.Equal(0xA000ul, TlbLookup.Translated(others, offset).PhysicalAddress);
            Assert.True(keeping.Loads.TryHit(Small, out ulong own, out offset));
            Assert.Equal(0x9000ul, TlbLookup.Translated(own, offset).PhysicalAddress);
        }
    }

    // Tag 0 is an empty way, and page 0 of either size has the lowest number.
    [Fact]
    public void TryHit_PageZeroSuspendedOrEmpty_IsNotFound()
    {
        Assert.False(_caches.Hits(0, Access.UserRead));
        _caches.AreHitsSuspended = true;
        Assert.False(_caches.Hits(0, Access.UserRead));
        _caches.Fill(Large, Access.UserRead, WalkResult.Translated(0x8_4000_0000, Rights | PageAttributes.Large));
        Assert.False(_caches.Hits(0, Access.UserRead));
        _caches.AreHitsSuspended = false;
        Assert.False(_caches.Hits(0, Access.UserRead));
    }

    [Fact]
    public void TryHit_Flushed_FindsOnlyWhatAFlushLeaves()
    {
        _caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        _caches.Fill(Small + 0x1000, Access.UserRead, WalkResult.Translated(0xA000, Rights | PageAttributes.Global));

        _caches.FlushNonGlobal();
        Assert.False(_caches.Hits(Small, Access.UserRead));
        Assert.True(_caches.Hits(Small + 0x1000, Access.UserRead));

        _caches.FlushAll();
        Assert.False(_caches.Hits(Small + 0x1000, Access.UserRead));
    }

    [Fact]
    public void TryHit_PageDropped_IsNotFoundAndTheOtherIs()
    {
        _caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        _caches.Fill(Small + 0x1000, Access.UserRead, WalkResult.Translated(0xA000, Rights));

        _caches.DropPage(Small);

        Assert.False(_caches.Hits(Small, Access.UserRead));
        Assert.True(_caches.Hits(Small + 0x1000, Access.UserRead));
    }

    [Theory]
    [InlineData(AccessKind.Read, PageAttributes.None)]
    [InlineData(AccessKind.Write, PageAttributes.Global)]
    public void TryHit_LargePageFilled_IsFoundAtAnyOfItsPieces(AccessKind kind, PageAttributes more)
    {
        var access = new Access(kind, AccessMode.User);
        _caches.Fill(Large + 0x3000, access, WalkResult.Translated(0x8_4000_3000, Rights | more | PageAttributes.Large));

        foreach (uint offset in (uint[])[0, 0x5ABC, 0x1F_FFFF])
        {
            Assert.True(_caches.SideOf(access).TryHit(Large + offset, out ulong payload, out uint found));
            Assert.Equal(
                WalkResult.Translated(0x8_4000_0000UL + offset, Rights | more | PageAttributes.Large), TlbLookup.Translated(payload, found));
        }

        Assert.False(_caches.Hits(Large + 0x20_0000, access) || _caches.Hits(Large - 1, access));
    }

    // Both sizes are held for one address: the 4-KiB page is asked for first.
    [Fact]
    public void TryHit_BothSizesHeld_FindsTheSmallPage()
    {
        _caches.Fill(Large, Access.UserRead, WalkResult.Translated(0x8_4000_0000, Rights | PageAttributes.Large));
        _caches.Fill(Large + 0x5000, Access.UserRead, WalkResult.Translated(0x9000, Rights));

        Assert.True(_caches.Loads.TryHit(Large + 0x5ABC, out ulong payload, out uint offset));
        Assert.Equal(0x9ABCul, TlbLookup.Translated(payload, offset).PhysicalAddress);
        Assert.True(_caches.Loads.TryHit(Large + 0x6ABC, out payload, out offset));
        Assert.Equal(0x8_4000_6ABCul, TlbLookup.Translated(payload, offset).PhysicalAddress);
    }

    [Fact]
    public void TryHit_LargePageDroppedOrFlushed_NoPieceIsFound()
    {
        foreach (Action drop in (Action[])[() => _caches.DropPage(Large + 0x1F_F000), _caches.FlushNonGlobal, _caches.FlushAll])
        {
            _caches.Fill(Large, Access.UserRead, WalkResult.Translated(0x8_4000_0000, Rights | PageAttributes.Large));
            Assert.True(_caches.Hits(Large + 0x5000, Access.UserRead));

            drop();

            Assert.False(_caches.Hits(Large, Access.UserRead) || _caches.Hits(Large + 0x5000, Access.UserRead));
        }
    }

    // Sizes that share sets of four, so that small pages evict a large one.
    [Fact]
    public void TryHit_SmallPagesFilledOverALargeOne_FindsNoPieceOfIt()
    {
        var caches = new TranslationCaches(new TlbConfiguration { Data4K = new(1, 4), DataSizesShare = true });
        caches.Fill(Large, Access.UserRead, WalkResult.Translated(0x8_4000_0000, Rights | PageAttributes.Large));
        for (uint page = 0x40; page < 0x47; page++)
        {
            caches.Fill(page << 12, Access.UserRead, WalkResult.Translated(0x9000, Rights));
            if (page == 0x42)
            {
                Assert.True(caches.Hits(Large + 0x5000, Access.UserRead)); // so that it goes last
            }
        }

        Assert.False(caches.Hits(Large + 0x5000, Access.UserRead));
        Assert.False(caches.TryPeek(Large + 0x5000, Access.UserRead, out _, out _));
    }

    // One set under true LRU: every page that fits is found, and the order of uses decides what goes.
    [Theory]
    [InlineData(8)]
    [InlineData(48)]
    public void TryHit_FullyAssociative_FindsAllThatFitsAndCountsAsUse(int ways)
    {
        var caches = new TranslationCaches(new TlbConfiguration { Data4K = new(1, ways, Replacement.Lru) });
        for (uint page = 64; page < 64 + ways; page++)
        {
            caches.Fill(page << 12, Access.UserRead, WalkResult.Translated(page << 12, Rights));
        }

        for (uint page = 64; page < 64 + ways; page++)
        {
            Assert.True(caches.Loads.TryHit((page << 12) + 0xABC, out ulong payload, out uint offset));
            Assert.Equal((page << 12) + 0xABC, TlbLookup.Translated(payload, offset).PhysicalAddress);
        }

        Assert.True(caches.Hits(64 << 12, Access.UserRead));
        caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        Assert.Equal((true, false), (caches.Hits(64 << 12, Access.UserRead), caches.Hits(65 << 12, Access.UserRead)));
        caches.AreHitsSuspended = true;
        Assert.False(caches.Hits(64 << 12, Access.UserRead) || caches.Hits(0, Access.UserRead));
    }

    // What is not compared in line is found by the lookup.
    [Theory]
    [InlineData(1, 2, Replacement.Lru)]
    [InlineData(4, 2, Replacement.TreePlru)]
    [InlineData(4, 8, Replacement.TreePlru)]
    [InlineData(1, 64, Replacement.Fifo)]
    public void LookUpOthers_ArraysOfAnotherShape_FindsBothSizes(int sets, int ways, Replacement replacement)
    {
        var array = new TlbGeometry(sets, ways, replacement);
        var caches = new TranslationCaches(new TlbConfiguration { Data4K = array, DataLarge = array });
        caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        caches.Fill(Large, Access.UserRead, WalkResult.Translated(0x8_4000_0000, Rights | PageAttributes.Large));

        foreach (uint linear in (uint[])[Small, Large + 0x5000])
        {
            Assert.False(caches.Hits(linear, Access.UserRead));
            Assert.Equal(TlbHit.First, caches.Loads.LookUpBehind(linear).Level);
            Assert.Equal(TlbHit.First, caches.Loads.LookUp(linear).Level);
        }

        Assert.Equal(TlbHit.None, caches.Loads.LookUpBehind(Small + 0x1000).Level);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void TryNext_NextLevelOfFour_BringsTheSmallPageNearerWhateverIsHeld(int largePages)
    {
        for (uint page = 0; page < largePages; page++)
        {
            _caches.Fill(Large + (page << 21), Access.UserRead, WalkResult.Translated(0x8_4000_0000, Rights | PageAttributes.Large));
        }

        for (uint page = 0; page < 8; page++)
        {
            _caches.Fill(Small + (page << 14), Access.UserRead, WalkResult.Translated(0x9000 + (page << 14), Rights)); // of one set of the first level
        }

        Assert.False(_caches.Hits(Small, Access.UserRead));
        TlbLookup found = _caches.Loads.LookUpBehind(Small + 0xABC);
        Assert.Equal(TlbHit.Second, found.Level);
        Assert.Equal(WalkResult.Translated(0x9ABC, Rights), _caches.Loads.Translated(found.Payload, Small + 0xABC));
        Assert.True(_caches.Hits(Small, Access.UserRead));
    }

    // A processor that loses entries at random must be asked each time.
    [Fact]
    public void TryHit_Randomized_FindsNothing()
    {
        var caches = new TranslationCaches(TlbConfiguration.Randomized(seed: 1));
        caches.AreHitsSuspended = false;
        caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));

        Assert.True(caches.AreHitsSuspended);
        Assert.False(caches.Hits(Small, Access.UserRead));
        Assert.Equal(TlbHit.First, caches.Loads.LookUp(Small).Level);
    }

    // A set of one way has no state of replacement, whatever its policy: using an entry again changes nothing.
    [Theory]
    [InlineData(Replacement.Lru)]
    [InlineData(Replacement.Fifo)]
    [InlineData(Replacement.TreePlru)]
    [InlineData(Replacement.Random)]
    public void LookUp_SetOfOneWay_LeavesTheEntryAsItIs(Replacement replacement)
    {
        var caches = new TranslationCaches(new TlbConfiguration { Data4K = new(4, 1, replacement) });
        caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(TlbHit.First, caches.Loads.LookUp(Small).Level);
        }

        Assert.True(caches.TryPeek(Small, Access.UserRead, out WalkResult result, out _));
        Assert.Equal(WalkResult.Translated(0x9000, Rights), result);
    }

    private static IEnumerable<Access> EveryAccess() =>
        from kind in Enum.GetValues<AccessKind>()
        from mode in Enum.GetValues<AccessMode>()
        from alignmentCheck in Enumerable.Range(0, 2)
        select new Access(kind, mode, alignmentCheck != 0);
}
