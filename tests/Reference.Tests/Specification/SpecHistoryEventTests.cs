using X86Pae.Reference.Specification;
using static X86Pae.Reference.Tests.Specification.HistoryGuest;

namespace X86Pae.Reference.Tests.Specification;

/// <summary>What each event ends of what a history permits, for either kind of paging.</summary>
public sealed class SpecHistoryEventTests
{
    private const uint Page = 0x0000_5000;
    private const uint SameTable = 0x0000_6000;
    private const uint OtherRegion = 0x0080_5000;

    private static readonly uint?[] Everything = [Third, First, Second, Fourth];
    private static readonly uint?[] Translations = [Third, First, Second];
    private static readonly uint?[] Memory = [Third];

    // C50, C55.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Permitted_NoEvent_IsAllThatCouldBeCached(bool pae)
    {
        HistoryGuest guest = Changed(pae);

        AssertFrames(guest, Everything, Everything, Everything);
    }

    // C51, C55.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Invlpg_SmallPage_EndsItsTranslationsAndAllDirectoryEntries(bool pae)
    {
        HistoryGuest guest = Changed(pae);

        guest.Processor.Invlpg(Page + 0xFFF);

        AssertFrames(guest, Memory, Translations, Translations);
    }

    // C56.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Faulted_SmallPage_EndsItsTranslationsAndTheDirectoryEntryForIt(bool pae)
    {
        HistoryGuest guest = Changed(pae);

        guest.Processor.Faulted(Page + 0xFFF);

        AssertFrames(guest, Memory, Translations, Everything);
    }

    // C51.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void InvpcidType0_SmallPage_EndsItsTranslationsAndTheDirectoryEntryForIt(bool pae)
    {
        HistoryGuest guest = Changed(pae);

        guest.Processor.Invpcid(0, 0, Page + 0xFFF);

        AssertFrames(guest, Memory, Translations, Everything);
    }

    // C53.
    [Theory]
    [InlineData("INVLPG", false)]
    [InlineData("page fault", false)]
    [InlineData("INVPCID 0", true)]
    [InlineData("INVPCID 1", true)]
    [InlineData("INVPCID 2", false)]
    [InlineData("INVPCID 3", true)]
    [InlineData("MOV CR3", true)]
    [InlineData("full flush", false)]
    public void Event_GlobalPage_EndsItsTranslationsUnlessItSparesGlobalOnes(string what, bool kept)
    {
        var guest = new HistoryGuest();
        guest.Change(more: Global, Page);

        Happen(guest, what, Page);

        Assert.Equal(kept ? Translations : Memory, guest.Frames(Page));
    }

    [Theory]
    [InlineData("MOV CR3")]
    [InlineData("INVPCID 1")]
    [InlineData("INVPCID 2")]
    [InlineData("INVPCID 3")]
    [InlineData("full flush")]
    public void Flush_SmallPages_EndsEverything(string what)
    {
        HistoryGuest guest = Changed(pae: true);

        Happen(guest, what, Page);

        AssertFrames(guest, Memory, Memory, Memory);
    }

    [Theory]
    [InlineData("MOV CR3")]
    [InlineData("full flush")]
    public void Flush_LargePage_EndsItsTranslations(string what)
    {
        var guest = new HistoryGuest();
        guest.SetPde(Page, 0x0080_0000 | LargePage | Flags);
        guest.Begin();
        guest.SetPde(Page, 0x00C0_0000 | LargePage | Flags);
        guest.Observe();

        Happen(guest, what, Page);

        Assert.Equal([0x00C0_5000u], guest.Frames(Page));
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
        guest.Begin();
        guest.SetPte(Table(0), Page, Second | Flags);
        guest.Observe();

        Happen(guest, what, Page);
        guest.SetPte(Table(0), Page, Third | Flags);
        guest.Observe();

        Assert.Equal([Third, Second], guest.Frames(Page));
    }

    // WP has no part in what is cached.
    [Fact]
    public void WriteCr0_WriteProtectSet_EndsNothing()
    {
        var guest = new HistoryGuest();
        guest.Change(more: 0, Page);
        guest.SetPde(Page, 0);
        guest.Observe();

        guest.Processor.Write(SpecRegister.Cr0, 0x8001_0001);

        Assert.Equal([null, First, Second, Third, Fourth], guest.Frames(Page));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WriteCr0_PagingTurnedOff_TheAddressIsTheResult(bool pae)
    {
        HistoryGuest guest = Changed(pae);

        guest.PagingOff();
        guest.Processor.Invlpg(Page);

        Assert.Equal([Page + 0x123u], guest.Permitted(Page + 0x123, Write).Select(outcome => outcome.PhysicalAddress));
    }

    // C52: any address of a large page, and it alone.
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
        foreach (string what in new[] { "INVLPG", "page fault", "INVPCID 0" })
        {
            var guest = new HistoryGuest(pae);
            guest.SetPde(Piece, Old | LargePage | Flags);
            guest.Begin();
            guest.SetPde(Piece, New | LargePage | Flags);
            guest.Observe();
            Assert.Equal([New + 0x5000, Old + 0x5000], guest.Frames(Piece));

            Happen(guest, what, linear);

            Assert.Equal(kept ? [New + 0x5000, Old + 0x5000] : [New + 0x5000], guest.Frames(Piece));
        }
    }

    // The page was large and is now small: a small page's translations are its own, the large one's are of every address in it.
    [Fact]
    public void Faulted_OtherPageOfWhatWasALargePage_EndsTheLargeTranslationOnly()
    {
        var guest = new HistoryGuest();
        guest.SetPde(Page, LargePage | Flags | 0x0080_0000);
        guest.Begin();
        guest.SetPde(Page, Table(0) | Flags);
        guest.SetPte(Table(0), Page, First | Flags);
        guest.Observe();
        guest.SetPte(Table(0), Page, Second | Flags);
        guest.Observe();
        Assert.Equal([Second, First, 0x0080_5000u], guest.Frames(Page));

        guest.Processor.Faulted(SameTable);

        Assert.Equal([Second, First], guest.Frames(Page));
    }

    private static HistoryGuest Changed(bool pae)
    {
        var guest = new HistoryGuest(pae);
        guest.Change(more: 0, Page, SameTable, OtherRegion);
        return guest;
    }

    private static void Happen(HistoryGuest guest, string what, uint linear)
    {
        SpecProcessor processor = guest.Processor;
        switch (what)
        {
            case "INVLPG": processor.Invlpg(linear); break;
            case "page fault": processor.Faulted(linear); break;
            case "INVPCID 0": processor.Invpcid(0, 0, linear); break;
            case "INVPCID 1": processor.Invpcid(1, 0, 0); break;
            case "INVPCID 2": processor.Invpcid(2, 0, 0); break;
            case "INVPCID 3": processor.Invpcid(3, 0, 0); break;
            case "MOV CR3": processor.Write(SpecRegister.Cr3, processor.Registers.Cr3); break;
            default: processor.FlushAll(); break;
        }
    }

    private static void AssertFrames(HistoryGuest guest, uint?[] page, uint?[] sameTable, uint?[] otherRegion)
    {
        Assert.Equal(page, guest.Frames(Page));
        Assert.Equal(sameTable, guest.Frames(SameTable));
        Assert.Equal(otherRegion, guest.Frames(OtherRegion));
    }
}
