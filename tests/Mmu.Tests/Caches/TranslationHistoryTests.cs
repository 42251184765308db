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
