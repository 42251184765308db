using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Caches;

/// <summary>The query "which results are permitted here?", by example; the property tests compare it with the specification.</summary>
public sealed class TranslationHistoryTests
{
    private const uint Linear = 0x5123;
    private const ulong Old = 0x1_0000;
    private const ulong New = 0x2_0000;

    private readonly CachedGuest _guest = new();

    [Fact]
    public void Permitted_NothingHasChanged_IsWhatMemorySays()
    {
        TranslationHistory<RamBus> history = HistoryOfOldPage();

        Assert.Equal([Old + 0x123], Addresses(history));
    }

    [Fact]
    public void Permitted_EntryChangedWithoutInvalidation_IsNewAndOld()
    {
        TranslationHistory<RamBus> history = HistoryOfOldPage();

        ChangePage(history);

        Assert.Equal([New + 0x123, Old + 0x123], Addresses(history));
    }

    [Fact]
    public void Permitted_AfterInvlpg_IsNewAlone()
    {
        TranslationHistory<RamBus> history = HistoryOfOldPage();

        ChangePage(history);
        history.PageInvalidated(Linear);

        Assert.Equal([New + 0x123], Addresses(history));
    }

    [Fact]
    public void Permitted_AccessedWasNeverSet_OldIsNotPermitted()
    {
        _guest.SetPte(Linear, Old | (CachedGuest.Flags & ~0x20UL));
        TranslationHistory<RamBus> history = History();

        ChangePage(history);

        Assert.Equal([New + 0x123], Addresses(history));
    }

    [Fact]
    public void Permits_RightsRelaxed_OneSpuriousFault()
    {
        _guest.SetPte(Linear, Old | (CachedGuest.Flags & ~2UL));
        TranslationHistory<RamBus> history = History();
        WalkResult fault = _guest.Mmu.Probe(Linear, Access.UserWrite);

        _guest.SetPte(Linear, Old | CachedGuest.Flags);
        history.Observe(in _guest.Mmu.State);
        Assert.True(history.Permits(Linear, Access.UserWrite, fault));

        history.PageFaulted(Linear);
        Assert.False(history.Permits(Linear, Access.UserWrite, fault));
    }

    [Fact]
    public void Permits_StaleResultOfTheMmu_UntilThePageIsInvalidated()
    {
        TranslationHistory<RamBus> history = HistoryOfOldPage();
        WalkResult stale = _guest.Mmu.Translate(Linear, Access.UserRead);

        ChangePage(history);
        Assert.Equal(stale, _guest.Mmu.Translate(Linear, Access.UserRead));
        Assert.True(history.Permits(Linear, Access.UserRead, stale));

        history.PageInvalidated(Linear);
        Assert.False(history.Permits(Linear, Access.UserRead, stale));
    }

    // A must be set in an entry before anything of it is cached (Intel SDM vol. 3, 4.10.2.3, 4.10.3.1).
    [Fact]
    public void Permitted_AccessedClearInTheDirectory_ItsTableIsNotPermittedLater()
    {
        var guest = new HistoryGuest();
        guest.SetPde(Linear, HistoryGuest.Table(0) | (HistoryGuest.Flags & ~HistoryGuest.Accessed));
        guest.SetPte(HistoryGuest.Table(0), Linear, HistoryGuest.First | HistoryGuest.Flags);
        TranslationHistory<RamBus> history = guest.History(Linear);

        guest.SetPde(Linear, HistoryGuest.OtherTable(0) | HistoryGuest.Flags);
        guest.SetPte(HistoryGuest.OtherTable(0), Linear, HistoryGuest.Second | HistoryGuest.Flags);
        history.Observe(in guest.State);

        Assert.Equal([HistoryGuest.Second], HistoryGuest.Frames(history, Linear));
    }

    // What faults, or has A clear, is never cached.
    [Theory]
    [InlineData(0x0080_0000UL | (HistoryGuest.Flags & ~HistoryGuest.Accessed))]
    [InlineData(0x0080_2000UL | HistoryGuest.Flags)]
    public void Permitted_LargePageThatCouldNotBeCached_IsNotPermittedLater(ulong entry)
    {
        var guest = new HistoryGuest();
        guest.SetPde(Linear, entry | HistoryGuest.LargePage);
        TranslationHistory<RamBus> history = guest.History(Linear);

        guest.SetPde(Linear, 0x00C0_0000 | HistoryGuest.LargePage | HistoryGuest.Flags);
        history.Observe(in guest.State);

        Assert.Equal([0x00C0_5000u], HistoryGuest.Frames(history, Linear));
    }

    [Theory]
    [InlineData(HistoryGuest.Accessed)]
    [InlineData(HistoryGuest.First | HistoryGuest.Flags | (1UL << 62))]
    public void Permitted_TableEntryThatFaulted_IsNotPermittedLater(ulong entry)
    {
        var guest = new HistoryGuest();
        guest.SetPde(Linear, HistoryGuest.Table(0) | HistoryGuest.Flags);
        guest.SetPte(HistoryGuest.Table(0), Linear, entry);
        TranslationHistory<RamBus> history = guest.History(Linear);
        Assert.Equal([null], HistoryGuest.Frames(history, Linear));

        guest.SetPte(HistoryGuest.Table(0), Linear, HistoryGuest.Second | HistoryGuest.Flags);
        history.Observe(in guest.State);

        Assert.Equal([HistoryGuest.Second], HistoryGuest.Frames(history, Linear));
    }

    // A write needs D in the cached translation; without it memory decides (Intel SDM vol. 3, 4.8).
    [Fact]
    public void Permitted_WriteWithAnOldTranslation_IsPermittedOnlyIfThatIsDirty()
    {
        var guest = new HistoryGuest();
        guest.SetPde(Linear, HistoryGuest.Table(0) | HistoryGuest.Flags);
        uint[] entries =
            [HistoryGuest.First, HistoryGuest.Second | HistoryGuest.Dirty, HistoryGuest.Third];
        guest.SetPte(HistoryGuest.Table(0), Linear, entries[0] | HistoryGuest.Flags);
        TranslationHistory<RamBus> history = guest.History(Linear);
        foreach (uint entry in entries)
        {
            guest.SetPte(HistoryGuest.Table(0), Linear, entry | HistoryGuest.Flags);
            history.Observe(in guest.State);
        }

        Assert.Equal([HistoryGuest.Third, HistoryGuest.Second], HistoryGuest.Frames(history, Linear, Access.UserWrite));
        Assert.Equal(
            [HistoryGuest.Third, HistoryGuest.First, HistoryGuest.Second], HistoryGuest.Frames(history, Linear, Access.UserRead));
    }

    // For a read it does not show whether the translation was clean; for a write there is only the one that is not.
    [Fact]
    public void Permitted_DirtySetMeanwhile_IsOneResult()
    {
        var guest = new HistoryGuest();
        guest.SetPde(Linear, HistoryGuest.Table(0) | HistoryGuest.Flags);
        guest.SetPte(HistoryGuest.Table(0), Linear, HistoryGuest.First | HistoryGuest.Flags);
        TranslationHistory<RamBus> history = guest.History(Linear);
        guest.SetPte(HistoryGuest.Table(0), Linear, HistoryGuest.First | HistoryGuest.Flags | HistoryGuest.Dirty);
        history.Observe(in guest.State);

        const PageAttributes Rights = PageAttributes.User | PageAttributes.Writable;
        Assert.Equal(Rights, Assert.Single(history.Permitted(Linear, Access.UserRead)).Attributes);
        Assert.Equal(Rights | PageAttributes.Dirty, Assert.Single(history.Permitted(Linear, Access.UserWrite)).Attributes);
    }

    // A user's page is cached whatever SMAP says of a supervisor's access to it.
    [Fact]
    public void Permitted_SmapSet_OldTranslationsOfUserPagesAreKnown()
    {
        var guest = new HistoryGuest(more: Cr4.SupervisorAccessPrevention);
        guest.SetPde(Linear, HistoryGuest.Table(0) | HistoryGuest.Flags);
        guest.SetPte(HistoryGuest.Table(0), Linear, HistoryGuest.First | HistoryGuest.Flags);
        TranslationHistory<RamBus> history = guest.History(Linear);
        guest.SetPte(HistoryGuest.Table(0), Linear, HistoryGuest.Second | HistoryGuest.Flags);
        history.Observe(in guest.State);

        Assert.Equal([HistoryGuest.Second, HistoryGuest.First], HistoryGuest.Frames(history, Linear));
        Assert.Equal([null], HistoryGuest.Frames(history, Linear, Access.SupervisorRead));
    }

    // Rights are those of the translation, the control state is the present one.
    [Fact]
    public void Permitted_OldTranslationWithFewerRights_IsAProtectionFault()
    {
        var guest = new HistoryGuest();
        guest.SetPde(Linear, HistoryGuest.Table(0) | HistoryGuest.Flags);
        guest.SetPte(HistoryGuest.Table(0), Linear, HistoryGuest.First | 0x25); // read-only
        TranslationHistory<RamBus> history = guest.History(Linear);
        guest.SetPte(HistoryGuest.Table(0), Linear, HistoryGuest.First | HistoryGuest.Flags);
        history.Observe(in guest.State);

        IReadOnlyList<WalkResult> results = history.Permitted(Linear, Access.UserWrite);

        Assert.Equal([false, true], results.Select(result => result.IsFault));
        Assert.Equal(new PageFault((PageFaultErrorCode)0x07, Linear), results[1].Fault);
    }

    [Fact]
    public void Permitted_AnyAddressOfAPageOfInterest_IsAtItsOffset()
    {
        var guest = new HistoryGuest();
        guest.SetPde(Linear, 0x0080_0000 | HistoryGuest.LargePage | HistoryGuest.Flags);
        TranslationHistory<RamBus> history = guest.History(Linear, 0x0000_A000);
        guest.SetPde(Linear, 0x00C0_0000 | HistoryGuest.LargePage | HistoryGuest.Flags);
        history.Observe(in guest.State);

        Assert.Equal(
            [0x00C0_5FFFUL, 0x0080_5FFF],
            history.Permitted(0x0000_5FFF, Access.UserRead).Select(result => result.PhysicalAddress));
        Assert.Equal(
            [0x00C0_A001UL, 0x0080_A001],
            history.Permitted(0x0000_A001, Access.UserRead).Select(result => result.PhysicalAddress));
    }

    [Fact]
    public void New_NoPages_Throws() =>
        Assert.Throws<ArgumentNullException>("pages", () => new HistoryGuest().History(null!));

    [Fact]
    public void Permitted_PageOfNoInterest_Throws()
    {
        TranslationHistory<RamBus> history = History();

        Assert.Throws<ArgumentException>("linear", () => history.Permitted(0x9000, Access.UserRead));
    }

    private static IEnumerable<ulong> Addresses(TranslationHistory<RamBus> history) =>
        history.Permitted(Linear, Access.UserRead).Select(result => result.PhysicalAddress);

    private TranslationHistory<RamBus> HistoryOfOldPage()
    {
        _guest.SetPte(Linear, Old | CachedGuest.Flags);
        return History();
    }

    private TranslationHistory<RamBus> History() => new(new RamBus(_guest.Memory), in _guest.Mmu.State, [Linear]);

    private void ChangePage(TranslationHistory<RamBus> history)
    {
        _guest.SetPte(Linear, New | CachedGuest.Flags);
        history.Observe(in _guest.Mmu.State);
    }
}
