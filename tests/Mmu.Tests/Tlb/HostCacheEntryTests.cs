using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>What the host-side cache keeps: a page for each set, and for it the classes of access that have succeeded.</summary>
public sealed class HostCacheEntryTests
{
    private const int Sets = 1024;
    private const uint Linear = 0x1234_5000;
    private const PageAttributes Rights = PageAttributes.User | PageAttributes.Writable | PageAttributes.Dirty;

    private static readonly Access[] Classes =
    [
        Access.UserRead, Access.UserWrite, Access.UserFetch, Access.SupervisorFetch,
        Access.SupervisorRead, Access.SupervisorWrite,
        new(AccessKind.Read, AccessMode.Supervisor, alignmentCheck: true),
        new(AccessKind.Write, AccessMode.Supervisor, alignmentCheck: true),
    ];

    [Fact]
    public void Fill_APageInEverySet_EachIsFoundForItsClassAlone()
    {
        var cache = new HostCache(isEnabled: true);
        for (uint page = 0; page < Sets; page++)
        {
            cache.Fill(page << 12, Classes[page % 8], WalkResult.Translated(FrameOf(page) | 0x123, Rights), page);
        }

        for (uint page = 0; page < Sets; page++)
        {
            for (uint other = 0; other < 8; other++)
            {
                bool found = cache.TryPeek((page << 12) | 0xABC, Classes[other], out WalkResult result, out uint stamp);

                Assert.Equal(other == page % 8, found);
                Assert.True(!found || result == WalkResult.Translated(FrameOf(page) | 0xABC, Rights));
                Assert.True(!found || stamp == page);
            }
        }
    }

    [Fact]
    public void Fill_OnePageForEveryClass_AllAreFound()
    {
        var cache = new HostCache(isEnabled: true);
        WalkResult clean = WalkResult.Translated(0x9000, Rights & ~PageAttributes.Dirty);
        foreach (Access access in Classes)
        {
            cache.Fill(Linear, access, access.IsWrite ? WalkResult.Translated(0x9000, Rights) : clean, stamp: 0);
        }

        foreach (Access access in Classes)
        {
            Assert.True(cache.TryTranslate(Linear + 5, access, out WalkResult result));
            Assert.Equal(WalkResult.Translated(0x9005, Rights), result); // a store has set D for all
        }
    }

    // Another page of the same set, another frame, or another right: what was there for other classes is not true any more.
    [Theory]
    [InlineData(Linear + (Sets << 12), 0x9000UL, Rights)]
    [InlineData(Linear, 0xA000UL, Rights)]
    [InlineData(Linear, 0x9000UL, Rights & ~PageAttributes.Writable)]
    public void Fill_SetHoldsSomethingElse_DropsItForEveryClass(uint linear, ulong frame, PageAttributes attributes)
    {
        var cache = new HostCache(isEnabled: true);
        cache.Fill(Linear, Access.UserRead, WalkResult.Translated(0x9000, Rights), stamp: 0);

        cache.Fill(linear, Access.SupervisorRead, WalkResult.Translated(frame, attributes), stamp: 0);

        Assert.False(cache.TryTranslate(Linear, Access.UserRead, out _));
        Assert.True(cache.TryTranslate(linear, Access.SupervisorRead, out WalkResult result));
        Assert.Equal(WalkResult.Translated(frame, attributes), result);
    }

    [Fact]
    public void Invalidate_AnyAddressOfALargePage_DropsAllItsPiecesWhereverItLies()
    {
        for (uint region = 0; region < 1024; region += 11)
        {
            var cache = new HostCache(isEnabled: true);
            uint start = region << 22;
            foreach (uint piece in new[] { start, start + 0x1000, start + 0x1F_F000 })
            {
                cache.Fill(
                    piece, Access.UserRead, WalkResult.Translated(piece - start, Rights | PageAttributes.Large), stamp: 0);
            }

            cache.Invalidate(start + 0x5000);

            Assert.False(cache.TryTranslate(start, Access.UserRead, out _));
            Assert.False(cache.TryTranslate(start + 0x1000, Access.UserRead, out _));
            Assert.False(cache.TryTranslate(start + 0x1F_F000, Access.UserRead, out _));
        }
    }

    [Fact]
    public void Invalidate_SmallPage_KeepsOtherSets()
    {
        var cache = new HostCache(isEnabled: true);
        cache.Fill(Linear, Access.UserRead, WalkResult.Translated(0x9000, Rights), stamp: 0);
        cache.Fill(Linear + 0x1000, Access.UserRead, WalkResult.Translated(0xA000, Rights), stamp: 0);

        cache.Invalidate(Linear + 0x1FFF);

        Assert.True(cache.TryTranslate(Linear, Access.UserRead, out _));
        Assert.False(cache.TryTranslate(Linear + 0x1000, Access.UserRead, out _));
    }

    [Fact]
    public void Epoch_InvalidationsOfAllKindsMixed_IsNeverTheSameAgain()
    {
        var cache = new HostCache(isEnabled: true);
        HashSet<ulong> seen = [cache.Epoch];
        for (uint i = 0; i < 10_000; i++)
        {
            if (i % 3 == 0)
            {
                cache.FlushAll();
            }
            else
            {
                cache.Invalidate(i << 12);
            }

            Assert.True(seen.Add(cache.Epoch));
        }
    }

    [Fact]
    public void Disabled_Fill_HoldsNothing()
    {
        var cache = new HostCache(isEnabled: false);

        cache.Fill(Linear, Access.UserRead, WalkResult.Translated(0x9000, Rights | PageAttributes.Large), stamp: 0);
        cache.Invalidate(Linear);

        Assert.False(cache.TryTranslate(Linear, Access.UserRead, out _));
    }

    private static ulong FrameOf(uint page) => ((page * 7UL) + 1) << 12;
}
