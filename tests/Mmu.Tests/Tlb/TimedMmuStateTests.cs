using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tests.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// What a timed MMU asks first must stand aside where the arrays may not be asked, or are not alone.
public sealed class TimedMmuStateTests
{
    private const uint LargePage = 0x4020_0000;
    private const uint SmallPages = 0x40_0000;
    private const uint OtherPage = 0x80_0000;

    private static readonly TlbConfiguration LoadsBeforeBothSizes = new()
    {
        Load4K = new(1, 4),
        Data4K = new(1, 4),
        DataSizesShare = true,
    };

    public static TheoryData<string> Models => [.. CpuModels.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Translate_NewMmuWithPagingOff_CachesAndCountsNothing(string name)
    {
        CpuModel model = CpuModels.Find(name)!;
        var bus = new RamBus(new GuestMemory(1 << 20));
        var log = new TimingLog();
        var mmu = new Mmu<RamBus, LoggedTiming>(bus, new LoggedTiming(log), CpuFeatures.Pae36, model.Tlbs);
        bus.Store(0, 0x1_0063u); // two-level tables at the CR3 of a reset
        bus.Store(0x1_000C, 0x5_5063u);

        Assert.Equal(0x3000ul, mmu.Translate(0x3000, Access.SupervisorRead).PhysicalAddress);
        Assert.Equal((nameof(ITiming.TranslationRequested), 0ul, false, false, false), Assert.Single(log.Calls));

        Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging))); // which flushes nothing
        Assert.Equal(0x5_5000ul, mmu.Translate(0x3000, Access.SupervisorRead).PhysicalAddress);
    }

    [Fact]
    public void Translate_NoCachesModelled_TellsOfEveryWalk()
    {
        var guest = new CachedGuest(TlbConfiguration.Coherent);
        guest.Map(SmallPages, 3);

        Assert.Equal(3ul, guest.Read(SmallPages));
        Assert.Equal(3ul, guest.Read(SmallPages));

        Assert.Equal((2, 4), (guest.Walks.Walks, guest.Walks.Loads));
    }

    // Stores ask an array of both sizes at once; loads fill it as their second, and must not do so behind the back of what is
    // remembered of it.
    [Fact]
    public void Translate_LoadsEvictALargePageOfStores_NoStoreFindsItStale()
    {
        const ulong Flags = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty | EntryBits.LargePage;
        CachedGuest guest = NewGuest();
        guest.SetEntry(CachedGuest.PdeAddress(LargePage), (32ul << 20) | Flags);
        for (int i = 0; i < 3; i++)
        {
            Assert.False(guest.Mmu.Translate(LargePage + 0x5000, Access.SupervisorWrite).IsFault);
        }

        LoadSmallPages(guest);
        guest.SetEntry(CachedGuest.PdeAddress(LargePage), 0);
        guest.Mmu.Invlpg(LargePage + 0x1000);

        Assert.True(guest.Mmu.Translate(LargePage + 0x5000, Access.SupervisorWrite).IsFault);
    }

    [Fact]
    public void Translate_LoadsEvictASmallPageOfStores_TheNextStoreWalks()
    {
        CachedGuest guest = NewGuest();
        guest.Map(OtherPage, 20, EntryBits.Dirty);
        for (int i = 0; i < 3; i++)
        {
            Assert.False(guest.Mmu.Translate(OtherPage, Access.SupervisorWrite).IsFault);
        }

        LoadSmallPages(guest);
        int walks = guest.Walks.Walks;

        Assert.False(guest.Mmu.Translate(OtherPage, Access.SupervisorWrite).IsFault);
        Assert.Equal(walks + 1, guest.Walks.Walks);
    }

    // A device may lie where a table is: it sees each load that the timing is told of, and no other.
    [Theory]
    [InlineData(0x9067ul)]
    [InlineData(0x9047ul)] // A to be set
    [InlineData(0x9027ul)] // D to be set
    [InlineData(0x90E7ul)] // PAT
    [InlineData(0x9065ul)] // no right
    [InlineData(0x0ul)] // not present
    public void Translate_WalkFromThePdeCache_LoadsTheTableEntryOnce(ulong pte)
    {
        var memory = new RecordedMemory(new byte[0x1_0000]);
        var bus = new RecordingBus(memory);
        var log = new TimingLog();
        var mmu = new Mmu<RecordingBus, LoggedTiming>(bus, new LoggedTiming(log), CpuFeatures.Pae36, TlbConfiguration.Finite);
        bus.Store(0x1000, 0x2001ul);
        bus.Store(0x2000, 0x3067ul);
        bus.Store(0x3000, 0x8067ul);
        bus.Store(0x3008, pte);
        Assert.True(mmu.WriteCr3(0x1000));
        Assert.True(mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension));
        Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging | Cr0.WriteProtect)));
        Assert.False(mmu.Translate(0x0, Access.UserWrite).IsFault);
        memory.Loads.Clear();
        log.Calls.Clear();

        mmu.Translate(0x1000, Access.UserWrite);

        Assert.Equal([0x3008], memory.Loads);
        Assert.Equal((1, 1), (log.Walks, log.TableLoads));
    }

    // What a processor has not dropped yet must not take the room of what its sibling fills.
    [Fact]
    public void Translate_SiblingIsBehind_FillsTheRoomThatItIsToLeave()
    {
        var bus = new RamBus(new GuestMemory(1 << 20));
        bus.Store(0x1000, 0x2001ul);
        bus.Store(0x2000, 0x3067ul);
        for (uint page = 0; page < 16; page++)
        {
            bus.Store(0x3000 + (8 * page), 0x1_0067ul + (page << 12));
        }

        var log = new InvalidationLog(2);
        var calls = new TimingLog();
        var tlbs = new TlbConfiguration { Data4K = new(1, 4) { Siblings = SiblingSharing.Shared } };
        var first = new Mmu<RamBus, LoggedTiming>(bus, new LoggedTiming(calls), CpuFeatures.Pae36, tlbs, null, sibling: null);
        var second = new Mmu<RamBus, LoggedTiming>(bus, new LoggedTiming(calls), CpuFeatures.Pae36, tlbs, null, first);
        Mmu<RamBus, LoggedTiming>[] both = [first, second];
        for (int i = 0; i < 2; i++)
        {
            both[i].Join(log, i);
            Assert.True(both[i].WriteCr3(0x1000));
            Assert.True(both[i].WriteCr4((uint)Cr4.PhysicalAddressExtension));
            Assert.True(both[i].WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
        }

        Look(second, 10, 11, 12);
        Look(first, 1);
        Look(second, 13); // in place of page 10; now the set is known to be full
        Assert.Equal(1ul, log.Add(0x1000, 1, 0, 1));
        first.FallBehind();
        log.Advance();

        Look(second, 14); // in place of page 1
        calls.Calls.Clear();
        Look(second, 11, 12, 13, 14);
        Assert.Equal(0, calls.Walks);

        static void Look(Mmu<RamBus, LoggedTiming> mmu, params ReadOnlySpan<uint> pages)
        {
            foreach (uint page in pages)
            {
                Assert.False(mmu.Translate(page << 12, Access.SupervisorRead).IsFault);
            }
        }
    }

    private static CachedGuest NewGuest()
    {
        var guest = new CachedGuest(LoadsBeforeBothSizes);
        for (uint i = 0; i < 16; i++)
        {
            guest.Map(SmallPages + (i << 12), i, EntryBits.Dirty);
        }

        LoadSmallPages(guest);
        return guest;
    }

    private static void LoadSmallPages(CachedGuest guest)
    {
        for (uint i = 0; i < 16; i++)
        {
            Assert.Equal(i, guest.Read(SmallPages + (i << 12)));
        }
    }
}
