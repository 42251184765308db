using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>What the host-side cache keeps: a page for each set, and for it the classes of access that have succeeded.</summary>
public sealed unsafe class HostLinesTests
{
    private const int Sets = 1024;
    private const uint Linear = 0x1234_5000;
    private const PageAttributes Rights = PageAttributes.User | PageAttributes.Writable | PageAttributes.Dirty;

    private readonly List<object> _memory = [];

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
        HostLines cache = NewLines(isEnabled: true);
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
        HostLines cache = NewLines(isEnabled: true);
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
        HostLines cache = NewLines(isEnabled: true);
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
            HostLines cache = NewLines(isEnabled: true);
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
        HostLines cache = NewLines(isEnabled: true);
        cache.Fill(Linear, Access.UserRead, WalkResult.Translated(0x9000, Rights), stamp: 0);
        cache.Fill(Linear + 0x1000, Access.UserRead, WalkResult.Translated(0xA000, Rights), stamp: 0);

        cache.Invalidate(Linear + 0x1FFF);

        Assert.True(cache.TryTranslate(Linear, Access.UserRead, out _));
        Assert.False(cache.TryTranslate(Linear + 0x1000, Access.UserRead, out _));
    }

    // What was kept before an invalidation says nothing of the page that is kept after it.
    [Fact]
    public void Fill_AfterInvalidation_IsCleanAgainAndStampedAnew()
    {
        HostLines cache = NewLines(isEnabled: true);
        WalkResult clean = WalkResult.Translated(0x9000, Rights & ~PageAttributes.Dirty);
        cache.Fill(Linear, Access.UserWrite, WalkResult.Translated(0x9000, Rights), stamp: 1);
        cache.Invalidate(Linear);

        cache.Fill(Linear, Access.UserRead, clean, stamp: 2);

        Assert.True(cache.TryPeek(Linear, Access.UserRead, out WalkResult result, out uint stamp));
        Assert.Equal((clean, 2u), (result, stamp));
    }

    [Fact]
    public void Disabled_Fill_HoldsNothing()
    {
        HostLines cache = NewLines(isEnabled: false);

        cache.Fill(Linear, Access.UserRead, WalkResult.Translated(0x9000, Rights | PageAttributes.Large), stamp: 0);
        cache.Invalidate(Linear);

        Assert.False(cache.TryTranslate(Linear, Access.UserRead, out _));
    }

    // An access to RAM is found where it ends in the page that it begins in; it begins with any byte and ends with any.
    [Theory]
    [InlineData(0u, 1, true)]
    [InlineData(0u, 4, true)]
    [InlineData(0u, 4096, true)]
    [InlineData(0xFFFu, 1, true)]
    [InlineData(0xFFCu, 4, true)]
    [InlineData(0xFFDu, 4, false)]
    [InlineData(0xFFFu, 2, false)]
    [InlineData(1u, 4096, false)]
    public void TryGetRam_AccessAtTheEdgesOfAPage_IsFoundIfItStaysInside(uint offset, int size, bool found)
    {
        HostLines cache = NewLines(isEnabled: true);
        cache.KeepRam(Linear, Access.UserRead, 0x7000_0000);

        Assert.Equal(found, cache.TryGetRam(Linear + offset, size, Access.UserRead, out byte* address));
        Assert.True(!found || (nint)address == 0x7000_0000 + (nint)offset);
    }

    [Fact]
    public void KeepRam_AnotherPageOfTheSet_DropsWhatWasThere()
    {
        HostLines cache = NewLines(isEnabled: true);
        foreach (Access access in Classes)
        {
            cache.Fill(Linear, access, WalkResult.Translated(0x9000, Rights), stamp: 7);
            cache.KeepRam(Linear, access, 0x7000_0000);
            cache.KeepRam(Linear + 0x1000, access, 0x7200_0000); // in the next set
        }

        cache.KeepRam(Linear + (Sets << 12), Access.UserWrite, 0x7100_0000);

        foreach (Access access in Classes)
        {
            Assert.False(cache.TryTranslate(Linear, access, out _));
            Assert.False(cache.TryGetRam(Linear, 1, access, out _));
            Assert.True(cache.TryGetRam(Linear + 0x1000, 1, access, out _));
        }

        Assert.True(cache.TryGetRam(Linear + (Sets << 12), 1, Access.UserWrite, out byte* address));
        Assert.Equal(0x7100_0000, (nint)address);
    }

    // The numbers of generations are used again after 4,095 flushes; what was kept under the same number before is gone.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FlushAll_AnyNumberOfTimes_NothingComesBack(bool oddPage)
    {
        uint linear = oddPage ? Linear : Linear + 0x1000;
        HostLines cache = NewLines(isEnabled: true);
        cache.Fill(linear, Access.UserRead, WalkResult.Translated(0x9000, Rights), stamp: 0);
        cache.KeepRam(linear, Access.UserRead, 0x7000_0000);
        for (int i = 0; i < 10_000; i++)
        {
            cache.FlushAll();

            Assert.False(cache.TryTranslate(linear, Access.UserRead, out _));
            Assert.False(cache.TryGetRam(linear, 1, Access.UserRead, out _));
        }

        cache.KeepRam(linear, Access.UserRead, 0x7000_0000);
        Assert.True(cache.TryGetRam(linear, 1, Access.UserRead, out _));
    }

    [Fact]
    public void Fill_LargePagesEverywhere_ChangesNoEntryOfOtherPages()
    {
        HostLines cache = NewLines(isEnabled: true);
        for (uint set = 1; set < Sets; set++)
        {
            cache.KeepRam(set << 12, Access.UserRead, 0x7000_0000 + ((nint)set << 12));
        }

        for (uint region = 0; region < 1024; region++)
        {
            cache.Fill(region << 22, Access.UserRead, WalkResult.Translated(0, Rights | PageAttributes.Large), stamp: 0); // set 0
        }

        for (uint set = 1; set < Sets; set++)
        {
            Assert.True(cache.TryGetRam(set << 12, 1, Access.UserRead, out byte* address));
            Assert.Equal(0x7000_0000 + ((nint)set << 12), (nint)address);
        }
    }

    [Fact]
    public void Disabled_KeepRam_HoldsNothing()
    {
        HostLines cache = NewLines(isEnabled: false);

        cache.KeepRam(Linear, Access.UserRead, 0x7000_0000);

        Assert.False(cache.TryGetRam(Linear, 1, Access.UserRead, out _));
        Assert.False(NewLines(isEnabled: false).TryGetRam(Linear, 1, Access.UserRead, out _));
    }

    [Fact]
    public void Disabled_CostsNoMemory()
    {
        NewLines(isEnabled: false); // what all of them share exists from now on

        Assert.Equal(0, Allocation.Of(100, _ => HostLines.Allocate(isEnabled: false)));
        Assert.False(NewLines(isEnabled: false).IsEnabled);
        Assert.True(NewLines(isEnabled: true).IsEnabled);
    }

    // The memory is not collected: the test keeps it.
    private HostLines NewLines(bool isEnabled)
    {
        var memory = HostLines.Allocate(isEnabled);
        _memory.Add(memory);
        return new HostLines(memory);
    }

    private static ulong FrameOf(uint page) => ((page * 7UL) + 1) << 12;
}
