using X86Pae.Reference.Specification;
using static X86Pae.Reference.Tests.Specification.HistoryGuest;

namespace X86Pae.Reference.Tests.Specification;

/// <summary>The question "which outcomes are permitted here?", by example.</summary>
public sealed class SpecHistoryTests
{
    private const uint Linear = 0x5123;

    [Fact]
    public void Permitted_NothingHasChanged_IsWhatMemorySays() => Assert.Equal([First], GuestOf(First | Flags).Frames(Linear));

    [Fact]
    public void Permitted_EntryChangedWithoutInvalidation_IsNewAndOld()
    {
        HistoryGuest guest = GuestOf(First | Flags);

        Change(guest, Second | Flags);

        Assert.Equal([Second, First], guest.Frames(Linear));
    }

    [Fact]
    public void Permitted_AfterInvlpg_IsNewAlone()
    {
        HistoryGuest guest = GuestOf(First | Flags);

        Change(guest, Second | Flags);
        guest.Processor.Invlpg(Linear);

        Assert.Equal([Second], guest.Frames(Linear));
    }

    [Fact]
    public void Permitted_AccessedWasNeverSet_OldIsNotPermitted()
    {
        HistoryGuest guest = GuestOf(First | (Flags & ~Accessed));

        Change(guest, Second | Flags);

        Assert.Equal([Second], guest.Frames(Linear));
    }

    // C57.
    [Fact]
    public void Permitted_RightsRelaxed_OneSpuriousFault()
    {
        SpecOutcome fault = SpecOutcome.PageFault(7, Linear);
        HistoryGuest guest = GuestOf(First | (Flags & ~2u));
        Assert.Equal([fault], guest.Permitted(Linear, Write));

        Change(guest, First | Flags);
        Assert.Contains(fault, guest.Permitted(Linear, Write));

        guest.Processor.Faulted(Linear);
        Assert.DoesNotContain(fault, guest.Permitted(Linear, Write));
    }

    // A must be set in an entry before anything of it is cached (Intel SDM vol. 3, 4.10.2.3, 4.10.3.1).
    [Fact]
    public void Permitted_AccessedClearInTheDirectory_ItsTableIsNotPermittedLater()
    {
        var guest = new HistoryGuest();
        guest.SetPde(Linear, Table(0) | (Flags & ~Accessed));
        guest.SetPte(Table(0), Linear, First | Flags);
        guest.Begin();

        guest.SetPde(Linear, OtherTable(0) | Flags);
        guest.SetPte(OtherTable(0), Linear, Second | Flags);
        guest.Observe();

        Assert.Equal([Second], guest.Frames(Linear));
    }

    // What faults, or has A clear, is never cached.
    [Theory]
    [InlineData(0x0080_0000UL | (Flags & ~Accessed))]
    [InlineData(0x0080_2000UL | Flags)]
    public void Permitted_LargePageThatCouldNotBeCached_IsNotPermittedLater(ulong entry)
    {
        var guest = new HistoryGuest();
        guest.SetPde(Linear, entry | LargePage);
        guest.Begin();

        guest.SetPde(Linear, 0x00C0_0000 | LargePage | Flags);
        guest.Observe();

        Assert.Equal([0x00C0_5000u], guest.Frames(Linear));
    }

    [Theory]
    [InlineData(Accessed)]
    [InlineData(First | Flags | (1UL << 62))]
    public void Permitted_TableEntryThatFaulted_IsNotPermittedLater(ulong entry)
    {
        HistoryGuest guest = GuestOf(entry);
        Assert.Equal([null], guest.Frames(Linear));

        Change(guest, Second | Flags);

        Assert.Equal([Second], guest.Frames(Linear));
    }

    // A write needs D in the cached translation; without it memory decides (Intel SDM vol. 3, 4.8).
    [Fact]
    public void Permitted_WriteWithAnOldTranslation_IsPermittedOnlyIfThatIsDirty()
    {
        HistoryGuest guest = GuestOf(First | Flags);
        Change(guest, Second | Flags | Dirty);
        Change(guest, Third | Flags);

        Assert.Equal([Third, Second], guest.Frames(Linear, Write));
        Assert.Equal([Third, First, Second], guest.Frames(Linear, Read));
    }

    // For a read it does not show whether the translation was clean; for a write there is only the one that is not.
    [Fact]
    public void Permitted_DirtySetMeanwhile_IsOneOutcome()
    {
        HistoryGuest guest = GuestOf(First | Flags);
        Change(guest, First | Flags | Dirty);

        Assert.False(Assert.Single(guest.Permitted(Linear, Read)).Dirty);
        Assert.True(Assert.Single(guest.Permitted(Linear, Write)).Dirty);
    }

    // A user's page is cached whatever SMAP says of a supervisor's access to it.
    [Fact]
    public void Permitted_SmapSet_OldTranslationsOfUserPagesAreKnown()
    {
        var guest = new HistoryGuest(moreCr4: Smap);
        guest.SetPde(Linear, Table(0) | Flags);
        guest.SetPte(Table(0), Linear, First | Flags);
        guest.Begin();
        Change(guest, Second | Flags);

        Assert.Equal([Second, First], guest.Frames(Linear));
        Assert.Equal([null], guest.Frames(Linear, Read with { Mode = SpecMode.Supervisor }));
    }

    // Rights are those of the translation, the control state is the present one.
    [Fact]
    public void Permitted_OldTranslationWithFewerRights_IsAProtectionFault()
    {
        HistoryGuest guest = GuestOf(First | 0x25); // read-only
        Change(guest, First | Flags);

        IReadOnlyList<SpecOutcome> outcomes = guest.Permitted(Linear, Write);

        Assert.False(outcomes[0].IsFault);
        Assert.Equal([SpecOutcome.PageFault(7, Linear)], outcomes.Skip(1));
    }

    [Fact]
    public void Permitted_AnyAddressOfALargePage_IsAtItsOffset()
    {
        var guest = new HistoryGuest();
        guest.SetPde(Linear, 0x0080_0000 | LargePage | Flags);
        guest.Begin();
        guest.SetPde(Linear, 0x00C0_0000 | LargePage | Flags);
        guest.Observe();

        Assert.Equal([0x00C0_5FFFUL, 0x0080_5FFF], guest.Permitted(0x0000_5FFF).Select(outcome => outcome.PhysicalAddress));
        Assert.Equal([0x00C0_A001UL, 0x0080_A001], guest.Permitted(0x0000_A001).Select(outcome => outcome.PhysicalAddress));
    }

    private static HistoryGuest GuestOf(ulong pte)
    {
        var guest = new HistoryGuest();
        guest.SetPde(Linear, Table(0) | Flags);
        guest.SetPte(Table(0), Linear, pte);
        guest.Begin();
        return guest;
    }

    private static void Change(HistoryGuest guest, ulong pte)
    {
        guest.SetPte(Table(0), Linear, pte);
        guest.Observe();
    }
}
