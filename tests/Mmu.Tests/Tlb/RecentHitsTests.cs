using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// What is remembered in front of arrays that no straight path leads through, and of large pages: hits in the level that an access
// asks first, for accesses that may be served.
public sealed class RecentHitsTests
{
    private const uint Small = 0x0040_3000;
    private const uint Large = 0x1020_0000;
    private const PageAttributes Rights = PageAttributes.User | PageAttributes.Writable | PageAttributes.Dirty;

    private static readonly TlbConfiguration Sides = new()
    {
        Instruction4K = new(4, 4, Replacement.Lru),
        InstructionLarge = new(4, 4),
        Data4K = new(16, 4, Replacement.Lru),
        DataLarge = new(16, 4),
        SecondData4K = new(32, 4),
        PdeCache = new(1, 4),
    };

    private readonly TranslationCaches _caches = new(Sides);

    [Theory]
    [InlineData(Small, AccessKind.Read, PageAttributes.None)]
    [InlineData(Small, AccessKind.Write, PageAttributes.None)]
    [InlineData(Small, AccessKind.Fetch, PageAttributes.Global)]
    [InlineData(Large, AccessKind.Read, PageAttributes.Large)]
    [InlineData(Large, AccessKind.Fetch, PageAttributes.Large | PageAttributes.Global)]
    [InlineData(0xFFFF_F000, AccessKind.Read, PageAttributes.None)]
    public void LookUp_HitInTheNearestLevel_IsRemembered(uint linear, AccessKind kind, PageAttributes more)
    {
        var access = new Access(kind, AccessMode.User);
        _caches.Fill(linear, access, WalkResult.Translated(0x8_4000_0000, Rights | more));
        Assert.False(Remembers(linear, access)); // filled, but not found yet

        Assert.NotEqual(TlbHit.None, LookUp(_caches, linear + 0x123, access));

        Assert.True(_caches.PathOf(access).Recent.TryUse(linear + 0xABC, access, out WalkResult result));
        Assert.Equal(WalkResult.Translated(0x8_4000_0ABC, Rights | more), result);
        Assert.False(Remembers(linear ^ 0x1000, access)); // a piece of a large page is remembered by itself
    }

    [Fact]
    public void LookUp_HitFurtherAway_IsRememberedOnlyWhenFoundNearer()
    {
        _caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        for (uint i = 1; i <= 4; i++)
        {
            _caches.Fill(Small + (i << 16), Access.UserRead, WalkResult.Translated(0x9000, Rights)); // out of the first level
        }

        Assert.Equal(TlbHit.Second, LookUp(_caches, Small, Access.UserRead));
        Assert.False(Remembers(Small, Access.UserRead));
        Assert.Equal(TlbHit.First, LookUp(_caches, Small, Access.UserRead));
        Assert.True(Remembers(Small, Access.UserRead));
    }

    [Fact]
    public void LookUp_AsManyPagesAsTheArrayHolds_AreAllRemembered()
    {
        for (uint page = 64; page < 128; page++)
        {
            _caches.Fill(page << 12, Access.UserRead, WalkResult.Translated(page << 12, Rights));
            LookUp(_caches, page << 12, Access.UserRead);
        }

        for (uint page = 64; page < 128; page++)
        {
            Assert.True(Remembers(page << 12, Access.UserRead));
        }
    }

    // A clean page is not written to before D is set, and no page beyond its rights.
    [Theory]
    [InlineData(Rights, true, true)]
    [InlineData(PageAttributes.User | PageAttributes.Writable, true, false)]
    [InlineData(PageAttributes.User | PageAttributes.Dirty, true, false)]
    [InlineData(PageAttributes.Writable | PageAttributes.Dirty, false, false)]
    public void TryUse_OtherAccess_IsServedWhereRightsAllow(PageAttributes attributes, bool userReads, bool userWrites)
    {
        PagingState state = PagingStates.Pae(Cr0.WriteProtect);
        _caches.Follow(in state);
        _caches.Fill(Small, Access.SupervisorRead, WalkResult.Translated(0x9000, attributes));
        LookUp(_caches, Small, Access.SupervisorRead);

        Assert.True(Remembers(Small, Access.SupervisorRead));
        Assert.Equal(userReads, Remembers(Small, Access.UserRead));
        Assert.Equal(userWrites, Remembers(Small, Access.UserWrite));
    }

    [Fact]
    public void DropPage_OneOfTwo_TheOtherIsStillRemembered()
    {
        RememberSmall();
        _caches.Fill(Small + 0x1000, Access.UserRead, WalkResult.Translated(0xA000, Rights));
        LookUp(_caches, Small + 0x1000, Access.UserRead);

        _caches.DropPage(Small);

        Assert.False(Remembers(Small, Access.UserRead));
        Assert.True(Remembers(Small + 0x1000, Access.UserRead));
    }

    [Fact]
    public void DropPage_LargePage_NoPieceIsRemembered()
    {
        var caches = new TranslationCaches(new TlbConfiguration { Data4K = new(4, 4), DataLarge = new(4, 4) });
        RecentHits recent = caches.PathOf(Access.UserRead).Recent;
        foreach (uint piece in new[] { Large, Large + 0x5000 })
        {
            caches.Use(piece, Access.UserRead, WalkResult.Translated(0x8_4000_0000, Rights | PageAttributes.Large));
            LookUp(caches, piece, Access.UserRead);
            Assert.True(recent.TryUse(piece, Access.UserRead, out _));
        }

        caches.DropPage(Large + 0x1F_F000);

        Assert.False(recent.TryUse(Large, Access.UserRead, out _));
        Assert.False(recent.TryUse(Large + 0x5000, Access.UserRead, out _));
    }

    // Sizes that share sets of four, so that a small page evicts a large one.
    [Fact]
    public void Fill_SmallPagesOverALargeOne_ForgetsItsPieces()
    {
        var caches = new TranslationCaches(new TlbConfiguration { Data4K = new(1, 4), DataSizesShare = true });
        RecentHits recent = caches.PathOf(Access.UserRead).Recent;
        caches.Fill(Large, Access.UserRead, WalkResult.Translated(0x8_4000_0000, Rights | PageAttributes.Large));
        LookUp(caches, Large + 0x5000, Access.UserRead);
        Assert.True(recent.TryUse(Large + 0x5000, Access.UserRead, out _));

        for (uint page = 0x40; page < 0x47; page++)
        {
            caches.Fill(page << 12, Access.UserRead, WalkResult.Translated(0x9000, Rights));
            if (page == 0x42)
            {
                Assert.True(recent.TryUse(Large + 0x5000, Access.UserRead, out _)); // so that it goes last
            }
        }

        Assert.False(caches.TryPeek(Large + 0x5000, Access.UserRead, out _, out _));
        Assert.False(recent.TryUse(Large + 0x5000, Access.UserRead, out _));
    }

    [Fact]
    public void Flush_OfAnyKind_NothingIsRemembered()
    {
        foreach (Action flush in new[] { _caches.FlushAll, _caches.FlushNonGlobal })
        {
            RememberSmall();
            flush();
            Assert.False(Remembers(Small, Access.UserRead));
            _caches.FlushAll();
        }
    }

    // What rights allow was decided when a hit was remembered.
    [Fact]
    public void Follow_OtherRules_ForgetsAndTheSameRulesDoNot()
    {
        PagingState state = PagingStates.Pae(Cr0.WriteProtect);
        _caches.Follow(in state);
        RememberSmall();
        _caches.Follow(in state);
        Assert.True(Remembers(Small, Access.UserRead));

        state = PagingStates.Pae(Cr0.None);
        _caches.Follow(in state);

        Assert.False(Remembers(Small, Access.UserRead));
    }

    // A processor that loses entries at random must be asked each time.
    [Fact]
    public void LookUp_Randomized_RemembersNothing()
    {
        var caches = new TranslationCaches(TlbConfiguration.Randomized(seed: 1));
        caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));

        Assert.Equal(TlbHit.First, LookUp(caches, Small, Access.UserRead));
        Assert.False(caches.PathOf(Access.UserRead).Recent.TryUse(Small, Access.UserRead, out _));
    }

    // A set of one way has no state of replacement, whatever its policy: using an entry again changes nothing.
    [Theory]
    [InlineData(Replacement.Lru)]
    [InlineData(Replacement.Fifo)]
    [InlineData(Replacement.TreePlru)]
    [InlineData(Replacement.Random)]
    public void TryUse_SetOfOneWay_LeavesTheEntryAsItIs(Replacement replacement)
    {
        var caches = new TranslationCaches(new TlbConfiguration { Data4K = new(4, 1, replacement) });
        caches.Fill(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        for (int i = 0; i < 5; i++)
        {
            LookUp(caches, Small, Access.UserRead);
            Assert.True(caches.PathOf(Access.UserRead).Recent.TryUse(Small, Access.UserRead, out _));
        }

        Assert.True(caches.TryPeek(Small, Access.UserRead, out WalkResult result, out _));
        Assert.Equal(WalkResult.Translated(0x9000, Rights), result);
    }

    /// <summary>Asks the arrays, whatever is remembered.</summary>
    private static TlbHit LookUp(TranslationCaches caches, uint linear, Access access)
    {
        TlbPath path = caches.PathOf(access);
        TlbLookup found = caches.LookUp(linear, path);
        if (found.Level == path.Nearest)
        {
            caches.Remember(linear, path, found);
        }

        return found.Level;
    }

    private void RememberSmall()
    {
        _caches.Use(Small, Access.UserRead, WalkResult.Translated(0x9000, Rights));
        LookUp(_caches, Small, Access.UserRead);
        Assert.True(Remembers(Small, Access.UserRead));
    }

    private bool Remembers(uint linear, Access access) =>
        _caches.PathOf(access).Recent.TryUse(linear, access, out _);
}
