using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// What most accesses of a timed MMU ask. That it finds what the general lookup does, in the same order of replacement, is the
// business of the models that run over TranslationCaches; here is what it must not find, and when it stands aside.
public sealed unsafe class StraightPathTests
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
    public void TryUseNearest_FilledPage_IsFoundByAccessesOfItsKindAlone(AccessKind kind, PageAttributes more)
    {
        var access = new Access(kind, AccessMode.User);
        WalkResult walked = WalkResult.Translated(0x8_4000_0000, Rights | more);
        _caches.Fill(Small, access, walked);

        Assert.True(_caches.StraightPaths[access.Class].TryUseNearest(Small + 0xABC, out ulong payload));
        Assert.Equal(WalkResult.Translated(0x8_4000_0ABC, Rights | more), TlbLookup.TranslatedSmall(payload, Small + 0xABC));
        Assert.False(Finds(Small ^ 0x1000, access));
        Assert.Equal(kind == AccessKind.Fetch, !Finds(Small, Access.SupervisorRead));
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
                        _caches.StraightPaths[access.Class].Refuses(payload));
                }
            }
        }
    }

    [Fact]
    public void TryUseNearest_HeldUp_FindsNothingUntilItIsNot()
    {
        _caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));

        _caches.HoldUp(true);
        Assert.False(Finds(Small, Access.UserRead));
        Assert.True(_caches.StraightPaths[Access.UserRead.Class].IsObstructed);
        _caches.FlushNonGlobal(); // takes a new generation, and must not ask for it
        _caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        Assert.False(Finds(Small, Access.UserRead));

        _caches.HoldUp(false);
        Assert.True(Finds(Small, Access.UserRead));
        Assert.False(_caches.StraightPaths[Access.UserRead.Class].IsObstructed);
    }

    [Fact]
    public void TryUseNearest_GlobalPageHeldUp_IsNotFound()
    {
        _caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights | PageAttributes.Global));
        Assert.True(Finds(Small, Access.UserRead));
        _caches.HoldUp(true);
        Assert.False(Finds(Small, Access.UserRead));
    }

    // The sibling's flushes make the generations run out several times.
    [Fact]
    public void TryUseNearest_SiblingFlushesUntilGenerationsAreRenumbered_FindsItsOwnEntriesAlone()
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
            Assert.False(flushing.StraightPaths[Access.UserRead.Class].TryUseNearest(Small, out _));
            flushing.Fill(Small, Access.UserRead, WalkResult.Translated(0xA000, Rights));

            Assert.True(flushing.StraightPaths[Access.UserRead.Class].TryUseNearest(Small, out ulong others));
            Assert.Equal(0xA000ul, TlbLookup.TranslatedSmall(others, Small).PhysicalAddress);
            Assert.True(keeping.StraightPaths[Access.UserRead.Class].TryUseNearest(Small, out ulong own));
            Assert.Equal(0x9000ul, TlbLookup.TranslatedSmall(own, Small).PhysicalAddress);
        }
    }

    // Tag 0 is an empty way, and page 0 has the lowest number.
    [Fact]
    public void TryUseNearest_PageZeroHeldUpOrEmpty_IsNotFound()
    {
        Assert.False(Finds(0, Access.UserRead));
        _caches.HoldUp(true);
        Assert.False(Finds(0, Access.UserRead));
    }

    [Fact]
    public void TryUseNearest_Flushed_FindsOnlyWhatAFlushLeaves()
    {
        _caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        _caches.Fill(Small + 0x1000, Access.UserRead, WalkResult.Translated(0xA000, Rights | PageAttributes.Global));

        _caches.FlushNonGlobal();
        Assert.False(Finds(Small, Access.UserRead));
        Assert.True(Finds(Small + 0x1000, Access.UserRead));

        _caches.FlushAll();
        Assert.False(Finds(Small + 0x1000, Access.UserRead));
    }

    [Fact]
    public void TryUseNearest_PageDropped_IsNotFoundAndTheOtherIs()
    {
        _caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        _caches.Fill(Small + 0x1000, Access.UserRead, WalkResult.Translated(0xA000, Rights));

        _caches.DropPage(Small);

        Assert.False(Finds(Small, Access.UserRead));
        Assert.True(Finds(Small + 0x1000, Access.UserRead));
    }

    // A large page is in another array, which the straight line does not ask.
    [Fact]
    public void IsObstructed_LargePageFilled_UntilAFullFlush()
    {
        _caches.Fill(Large, Access.UserRead, WalkResult.Translated(0x8_4000_0000, Rights | PageAttributes.Large));
        Assert.False(Finds(Large, Access.UserRead));
        Assert.True(_caches.StraightPaths[Access.UserRead.Class].IsObstructed);

        _caches.FlushNonGlobal();
        Assert.True(_caches.StraightPaths[Access.UserRead.Class].IsObstructed);

        _caches.FlushAll();
        Assert.False(_caches.StraightPaths[Access.UserRead.Class].IsObstructed);
    }

    [Theory]
    [InlineData(4, Replacement.Lru, false)]
    [InlineData(2, Replacement.TreePlru, false)]
    [InlineData(8, Replacement.TreePlru, false)]
    [InlineData(4, Replacement.TreePlru, true)]
    public void IsObstructed_OtherArrays_Always(int ways, Replacement replacement, bool sizesShare)
    {
        var caches = new TranslationCaches(
            new TlbConfiguration { Data4K = new(4, ways, replacement), DataSizesShare = sizesShare });
        caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        caches.FlushAll();
        caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));

        Assert.True(caches.StraightPaths[Access.UserRead.Class].IsObstructed);
        Assert.False(caches.StraightPaths[Access.UserRead.Class].TryUseNearest(Small, out _));
    }

    // A processor that loses entries at random must be asked each time.
    [Fact]
    public void IsObstructed_Randomized_Always()
    {
        var caches = new TranslationCaches(TlbConfiguration.Randomized(seed: 1));

        Assert.True(caches.StraightPaths[Access.UserRead.Class].IsObstructed);
    }

    [Fact]
    public void TryBringNearer_WayMayBeEmpty_DoesNothing()
    {
        StraightPath* path = _caches.StraightPaths + Access.UserRead.Class;
        Assert.False(path->TryBringNearer(Small, TlbLookup.PayloadOf(0x9000, (uint)Rights, isLarge: false)));
        Assert.False(Finds(Small, Access.UserRead));
    }

    private static IEnumerable<Access> EveryAccess() =>
        from kind in Enum.GetValues<AccessKind>()
        from mode in Enum.GetValues<AccessMode>()
        from alignmentCheck in Enumerable.Range(0, 2)
        select new Access(kind, mode, alignmentCheck != 0);

    private bool Finds(uint linear, Access access) => _caches.StraightPaths[access.Class].TryUseNearest(linear, out _);
}
