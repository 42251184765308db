using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;
using static X86Pae.Tests.Caches.HistoryGuest;

namespace X86Pae.Tests.Caches;

/// <summary>What each event ends of what a history permits (docs/rules.md, C51), for either kind of paging.</summary>
public sealed class TranslationHistoryEventTests
{
    private const uint Page = 0x0000_5000;
    private const uint SameTable = 0x0000_6000;
    private const uint OtherRegion = 0x0080_5000;

    private static readonly uint?[] Everything = [Third, Fourth, First, Second];
    private static readonly uint?[] Translations = [Third, First, Second];
    private static readonly uint?[] Memory = [Third];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Permitted_NoEvent_IsAllThatCouldBeCached(bool pae)
    {
        TranslationHistory<RamBus> history = new HistoryGuest(pae).Change(more: 0, Page, SameTable, OtherRegion);

        AssertFrames(history, Everything, Everything, Everything);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PageInvalidated_SmallPage_EndsItsTranslationsAndAllDirectoryEntries(bool pae)
    {
        TranslationHistory<RamBus> history = new HistoryGuest(pae).Change(more: 0, Page, SameTable, OtherRegion);

        history.PageInvalidated(Page + 0xFFF);

        AssertFrames(history, Memory, Translations, Translations);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PageFaulted_SmallPage_EndsItsTranslationsAndTheDirectoryEntryForIt(bool pae)
    {
        TranslationHistory<RamBus> history = new HistoryGuest(pae).Change(more: 0, Page, SameTable, OtherRegion);

        history.PageFaulted(Page + 0xFFF);

        AssertFrames(history, Memory, Translations, Everything);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NonGlobalPageInvalidated_SmallPage_EndsItsTranslationsAndTheDirectoryEntryForIt(bool pae)
    {
        TranslationHistory<RamBus> history = new HistoryGuest(pae).Change(more: 0, Page, SameTable, OtherRegion);

        history.NonGlobalPageInvalidated(Page + 0xFFF);

        AssertFrames(history, Memory, Translations, Everything);
    }

    [Theory]
    [InlineData("INVLPG", false)]
    [InlineData("page fault", false)]
    [InlineData("INVPCID 0", true)]
    [InlineData("non-global flush", true)]
    [InlineData("full flush", false)]
    public void Event_GlobalPage_EndsItsTranslationsUnlessItSparesGlobalOnes(string what, bool kept)
    {
        var guest = new HistoryGuest();
        TranslationHistory<RamBus> history = guest.Change(more: Global, Page);

        Invalidate(history, what, guest);

        Assert.Equal(kept ? Translations : Memory, Frames(history, Page));
    }

    [Theory]
    [InlineData(Invalidation.NonGlobal)]
    [InlineData(Invalidation.All)]
    public void Flushed_SmallPages_EndsEverything(Invalidation invalidation)
    {
        var guest = new HistoryGuest();
        TranslationHistory<RamBus> history = guest.Change(more: 0, Page, SameTable, OtherRegion);

        history.Flushed(invalidation, in guest.State);

        AssertFrames(history, Memory, Memory, Memory);
    }

    [Theory]
    [InlineData(Invalidation.NonGlobal)]
    [InlineData(Invalidation.All)]
    public void Flushed_LargePage_EndsItsTranslations(Invalidation invalidation)
    {
        var guest = new HistoryGuest();
        guest.SetPde(Page, 0x0080_0000 | LargePage | Flags);
        TranslationHistory<RamBus> history = guest.History(Page);
        guest.SetPde(Page, 0x00C0_0000 | LargePage | Flags);

        history.Flushed(invalidation, in guest.State);

        Assert.Equal([0x00C0_5000u], Frames(history, Page));
    }

    // What memory says right after an invalidation may be cached then, and outlive the next change.
    [Theory]
    [InlineData("INVLPG")]
    [InlineData("page fault")]
    [InlineData("INVPCID 0")]
    [InlineData("full flush")]
    public void Event_ThenAnotherChange_WhatStoodInBetweenIsPermitted(string what)
    {
        var guest = new HistoryGuest();
        guest.SetPde(Page, Table(0) | Flags);
        guest.SetPte(Table(0), Page, First | Flags);
        TranslationHistory<RamBus> history = guest.History(Page);
        guest.SetPte(Table(0), Page, Second | Flags); // the event is the first that the history hears of it

        Invalidate(history, what, guest);
        guest.SetPte(Table(0), Page, Third | Flags);
        history.Observe(in guest.State);

        Assert.Equal([Third, Second], Frames(history, Page));
    }

    // A change of the control state that drops nothing.
    [Fact]
    public void Flushed_OfNothing_EndsNothingAndFollowsTheState()
    {
        var guest = new HistoryGuest();
        TranslationHistory<RamBus> history = guest.Change(more: 0, Page);
        guest.SetPde(Page, 0);

        history.Flushed(Invalidation.None, in guest.State);

        Assert.Equal([null, Fourth, Third, First, Second], Frames(history, Page));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Flushed_PagingTurnedOff_TheAddressIsTheResult(bool pae)
    {
        var guest = new HistoryGuest(pae);
        TranslationHistory<RamBus> history = guest.Change(more: 0, Page);

        guest.PagingOff();
        history.Flushed(Invalidation.All, in guest.State);
        history.PageInvalidated(Page);

        Assert.Equal([Page + 0x123u], history.Permitted(Page + 0x123, Access.UserWrite).Select(result => result.PhysicalAddress));
    }

    // Any address of a large page, and it alone.
    [Theory]
    [InlineData(true, 0x0100_0000u, false)]
    [InlineData(true, 0x011F_FFFFu, false)]
    [InlineData(true, 0x0120_0000u, true)]
    [InlineData(false, 0x0100_0000u, false)]
    [InlineData(false, 0x013F_FFFFu, false)]
    [InlineData(false, 0x0140_0000u, true)]
    public void Event_AddressInALargePage_EndsItsTranslations(bool pae, uint linear, bool kept)
    {
        const uint Piece = 0x0100_5000;
        const uint Old = 0x0080_0000;
        const uint New = 0x00C0_0000;
        Action<TranslationHistory<RamBus>>[] events =
            [history => history.PageInvalidated(linear), history => history.PageFaulted(linear),
             history => history.NonGlobalPageInvalidated(linear)];
        foreach (Action<TranslationHistory<RamBus>> happen in events)
        {
            var guest = new HistoryGuest(pae);
            guest.SetPde(Piece, Old | LargePage | Flags);
            TranslationHistory<RamBus> history = guest.History(Piece);
            guest.SetPde(Piece, New | LargePage | Flags);
            history.Observe(in guest.State);
            Assert.Equal([New + 0x5000, Old + 0x5000], Frames(history, Piece));

            happen(history);

            Assert.Equal(kept ? [New + 0x5000, Old + 0x5000] : [New + 0x5000], Frames(history, Piece));
        }
    }

    // The page was large and is now small: a small page's translations are its own, the large one's are of every address in it.
    [Fact]
    public void PageFaulted_OtherPageOfWhatWasALargePage_EndsTheLargeTranslationOnly()
    {
        var guest = new HistoryGuest();
        guest.SetPde(Page, LargePage | Flags | 0x0080_0000);
        TranslationHistory<RamBus> history = guest.History(Page);
        guest.SetPde(Page, Table(0) | Flags);
        guest.SetPte(Table(0), Page, First | Flags);
        history.Observe(in guest.State);
        guest.SetPte(Table(0), Page, Second | Flags);
        history.Observe(in guest.State);
        Assert.Equal([Second, 0x0080_5000u, First], Frames(history, Page));

        history.PageFaulted(SameTable);

        Assert.Equal([Second, First], Frames(history, Page));
    }

    private static void Invalidate(TranslationHistory<RamBus> history, string what, HistoryGuest guest)
    {
        switch (what)
        {
            case "INVLPG": history.PageInvalidated(Page); break;
            case "page fault": history.PageFaulted(Page); break;
            case "INVPCID 0": history.NonGlobalPageInvalidated(Page); break;
            case "non-global flush": history.Flushed(Invalidation.NonGlobal, in guest.State); break;
            default: history.Flushed(Invalidation.All, in guest.State); break;
        }
    }

    private static void AssertFrames(
        TranslationHistory<RamBus> history, uint?[] page, uint?[] sameTable, uint?[] otherRegion)
    {
        Assert.Equal(page, Frames(history, Page));
        Assert.Equal(sameTable, Frames(history, SameTable));
        Assert.Equal(otherRegion, Frames(history, OtherRegion));
    }
}
