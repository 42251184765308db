using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// What each invalidation drops and keeps (Intel SDM vol. 3, 4.10.4.1). In every test all caches hold two pages of either size,
// one global and one not, on both sides, and one PDE.
public sealed class TranslationCachesTests
{
    private const uint Small = 0x0040_3000;
    private const uint SmallGlobal = 0x0080_5000;
    private const uint Large = 0x1020_0000;
    private const uint LargeGlobal = 0x2060_0000;
    private const uint Table = 0x0040_0000;
    private const ulong Pde = 0x7023;

    private readonly TranslationCaches _caches = new(new TlbConfiguration
    {
        Instruction4K = new(4, 4),
        InstructionLarge = new(2, 2),
        Data4K = new(4, 4),
        DataLarge = new(2, 2),
        PdeCache = new(1, 4),
    });

    public TranslationCachesTests()
    {
        foreach (Access access in new[] { Access.SupervisorRead, Access.SupervisorFetch })
        {
            _caches.Fill(Small + 0x123, access, WalkResult.Translated(0x1_2345_6123, PageAttributes.Writable));
            _caches.Fill(SmallGlobal, access, WalkResult.Translated(0x2000, PageAttributes.Global));
            _caches.Fill(
                Large + 0x1F_F234, access, WalkResult.Translated(0x8_401F_F234, PageAttributes.Large | PageAttributes.Dirty));
            _caches.Fill(
                LargeGlobal, access, WalkResult.Translated(0x20_0000, PageAttributes.Large | PageAttributes.Global));
        }

        _caches.FillPde(Table, Pde);
    }

    [Fact]
    public void TryTranslate_AnyAddressInThePage_HasFrameOffsetAndAttributes()
    {
        Assert.True(_caches.TryTranslate(Small + 0xABC, Access.SupervisorRead, out WalkResult small) != TlbHit.None);
        Assert.Equal((0x1_2345_6ABCul, PageAttributes.Writable), (small.PhysicalAddress, small.Attributes));
        Assert.True(_caches.TryTranslate(Large + 0x10_0001, Access.SupervisorFetch, out WalkResult large) != TlbHit.None);
        Assert.Equal((0x8_4010_0001ul, PageAttributes.Large | PageAttributes.Dirty), (large.PhysicalAddress, large.Attributes));
        Assert.False(_caches.TryTranslate(Small + 0x1000, Access.SupervisorRead, out _) != TlbHit.None);
        Assert.False(_caches.TryTranslate(Large + 0x20_0000, Access.SupervisorRead, out _) != TlbHit.None);
    }

    [Fact]
    public void FlushNonGlobal_KeepsGlobalTranslationsOnly()
    {
        _caches.FlushNonGlobal();

        Assert.Equal((false, true, false, true, false), Held());
    }

    [Fact]
    public void FlushAll_KeepsNothing()
    {
        _caches.FlushAll();

        Assert.Equal((false, false, false, false, false), Held());
    }

    [Theory]
    [InlineData(Small + 0xFFF, false, true, true, true)]
    [InlineData(SmallGlobal, true, false, true, true)]
    [InlineData(Large + 0x1F_FFFF, true, true, false, true)]
    [InlineData(LargeGlobal + 1, true, true, true, false)]
    [InlineData(0xFFFF_F000, true, true, true, true)]
    public void InvalidatePage_DropsThePageAndAllPdes(uint linear, bool small, bool smallGlobal, bool large, bool largeGlobal)
    {
        _caches.InvalidatePage(linear);

        Assert.Equal((small, smallGlobal, large, largeGlobal, false), Held());
    }

    [Theory]
    [InlineData(Small, false, true, false)]
    [InlineData(Table + 0x1F_F000, true, true, false)]
    [InlineData(SmallGlobal, true, false, true)]
    public void InvalidateFaulting_DropsThePageAndThePdeUsed(uint linear, bool small, bool smallGlobal, bool pde)
    {
        _caches.InvalidateFaulting(linear);

        Assert.Equal((small, smallGlobal, true, true, pde), Held());
    }

    // INVPCID type 0: global translations stay, and so may other PDEs.
    [Theory]
    [InlineData(Small + 0xFFF, false, true, true, true, false)]
    [InlineData(SmallGlobal, true, true, true, true, true)]
    [InlineData(Large + 0x1F_FFFF, true, true, false, true, true)]
    [InlineData(LargeGlobal, true, true, true, true, true)]
    public void InvalidateNonGlobalPage_DropsThePageUnlessItIsGlobal(
        uint linear, bool small, bool smallGlobal, bool large, bool largeGlobal, bool pde)
    {
        _caches.InvalidateNonGlobalPage(linear);

        Assert.Equal((small, smallGlobal, large, largeGlobal, pde), Held());
    }

    // A large page kept in 4-KiB pieces is one page all the same.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void InvalidatePage_SplinteredLargePage_DropsAllItsPieces(bool isFetch)
    {
        Access access = isFetch ? Access.SupervisorFetch : Access.SupervisorRead;
        var caches = new TranslationCaches(TlbConfiguration.MaximallyStale with { SplintersLargePages = true });
        foreach (uint offset in new uint[] { 0, 0x1000, 0x10_0000, 0x1F_F000 })
        {
            caches.Fill(Large + offset, access, WalkResult.Translated(0x20_0000 + offset, PageAttributes.Large));
        }

        caches.Fill(Large + 0x5000, access, WalkResult.Translated(0x9000, PageAttributes.None));
        Assert.False(caches.TryTranslate(Large + 0x2000, access, out _) != TlbHit.None);
        caches.InvalidatePage(Large + 0x3000);

        Assert.False(caches.TryTranslate(Large, access, out _) != TlbHit.None);
        Assert.False(caches.TryTranslate(Large + 0x10_0000, access, out _) != TlbHit.None);
        Assert.False(caches.TryTranslate(Large + 0x1F_F000, access, out _) != TlbHit.None);
        Assert.True(caches.TryTranslate(Large + 0x5000, access, out _) != TlbHit.None);
    }

    [Fact]
    public void InvalidatePage_BothSizesHeldForOneAddress_DropsBoth()
    {
        _caches.Fill(Large + 0x5000, Access.SupervisorRead, WalkResult.Translated(0x9000, PageAttributes.None));
        Assert.True(_caches.TryTranslate(Large + 0x5000, Access.SupervisorRead, out WalkResult result) != TlbHit.None);
        Assert.Equal(0x9000ul, result.PhysicalAddress);

        _caches.InvalidatePage(Large + 0x5000);

        Assert.False(_caches.TryTranslate(Large + 0x5000, Access.SupervisorRead, out _) != TlbHit.None);
        Assert.False(_caches.TryTranslate(Large, Access.SupervisorRead, out _) != TlbHit.None);
    }

    // What a processor loses by itself, unlike INVLPG.
    [Theory]
    [InlineData(Small + 0xFFF, false, true, true, true)]
    [InlineData(SmallGlobal, true, false, true, true)]
    [InlineData(Large + 0x1F_FFFF, true, true, false, true)]
    [InlineData(LargeGlobal + 1, true, true, true, false)]
    public void DropPage_DropsThePageAndNoPde(uint linear, bool small, bool smallGlobal, bool large, bool largeGlobal)
    {
        _caches.DropPage(linear);

        Assert.Equal((small, smallGlobal, large, largeGlobal, true), Held());
    }

    [Fact]
    public void PeekPde_AnyAddressBelowTheTable_HasTheEntryAndWhenItWasFilled()
    {
        uint fills = _caches.Fills;

        Assert.Equal((Pde, fills), (_caches.PeekPde(Table + 0x1F_FFFF, out uint stamp), stamp));
        Assert.Equal(0ul, _caches.PeekPde(Table + 0x20_0000, out _));
    }

    // A page that only the host cache keeps is held like any other, and dropped by whatever drops it.
    [Fact]
    public void HostCache_PageHeldThere_IsSeenAndDroppedWithTheOthers()
    {
        var caches = new TranslationCaches(TlbConfiguration.Functional);
        WalkResult kept = WalkResult.Translated(0x9000, PageAttributes.Writable);
        var set = new PageSet();
        set.Add(Small >> 12);
        Action[] drops =
        [
            () => caches.InvalidatePage(Small), () => caches.DropPage(Small), () => caches.InvalidateNonGlobalPage(Small),
            () => caches.InvalidateFaulting(Small), caches.FlushNonGlobal, caches.FlushAll,
            () => caches.InvalidatePages([new PageRange(Small, 1)]), () => caches.InvalidatePages(set),
        ];
        foreach (Action drop in drops)
        {
            caches.CountFill();
            caches.Host.Fill(Small, Access.SupervisorRead, kept, caches.Fills);
            Assert.True(caches.TryPeek(Small + 0xABC, Access.SupervisorRead, out WalkResult result, out uint stamp));
            Assert.Equal((WalkResult.Translated(0x9ABC, PageAttributes.Writable), caches.Fills), (result, stamp));

            drop();

            Assert.False(caches.TryPeek(Small, Access.SupervisorRead, out _, out _));
        }
    }

    // What a page that was lent is compared with, whether or not the host's cache is on.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Invalidations_OfAllKindsMixed_AreNeverTheSameNumberAgain(bool isHostCached)
    {
        var caches = new TranslationCaches(TlbConfiguration.Finite with { HostCached = isHostCached });
        HashSet<ulong> seen = [caches.Invalidations];
        for (uint i = 0; i < 10_000; i++)
        {
            switch (i % 5)
            {
                case 0:
                    caches.FlushAll();
                    break;
                case 1:
                    caches.FlushNonGlobal();
                    break;
                case 2:
                    caches.InvalidateFaulting(i << 12);
                    break;
                case 3:
                    caches.InvalidateNonGlobalPage(i << 12);
                    break;
                default:
                    caches.InvalidatePage(i << 12);
                    break;
            }

            Assert.True(seen.Add(caches.Invalidations));
        }
    }

    [Fact]
    public void HasArrays_HasPdeCache_SayWhatIsModelled()
    {
        Assert.True(_caches.HasArrays && _caches.HasPdeCache);
        var functional = new TranslationCaches(TlbConfiguration.Functional);
        Assert.False(functional.HasArrays || functional.HasPdeCache || functional.HasSecondLevel());
        var pdesAlone = new TranslationCaches(new TlbConfiguration { PdeCache = new(1, 4) });
        Assert.True(pdesAlone.HasArrays && pdesAlone.HasPdeCache);
    }

    [Fact]
    public void Coherent_Fill_HoldsNothing()
    {
        var none = new TranslationCaches(TlbConfiguration.Coherent);
        none.Fill(Small, Access.SupervisorRead, WalkResult.Translated(0x9000, PageAttributes.Global));
        none.FillPde(Small, Pde);

        Assert.False(none.HasPdeCache);
        Assert.False(none.TryTranslate(Small, Access.SupervisorRead, out _) != TlbHit.None || none.LookUpPde(Small) != 0);
    }

    /// <summary>What is held, on both sides alike.</summary>
    private (bool Small, bool SmallGlobal, bool Large, bool LargeGlobal, bool Pde) Held()
    {
        return (Holds(Small), Holds(SmallGlobal), Holds(Large), Holds(LargeGlobal), _caches.LookUpPde(Table) != 0);

        bool Holds(uint linear)
        {
            bool held = _caches.TryTranslate(linear, Access.SupervisorRead, out _) != TlbHit.None;
            Assert.Equal(held, _caches.TryTranslate(linear, Access.SupervisorFetch, out _) != TlbHit.None);
            return held;
        }
    }
}
