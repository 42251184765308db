using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>The accessed and dirty flags of two-level paging: the same rules as with PAE (docs/rules.md, C40 to C45, C80).</summary>
public sealed class TwoLevelAccessedDirtyTests
{
    private const uint Linear = 0xC040_3ABC;
    private const uint LargePde = 0x0040_0087;
    private static readonly uint PdeAt = TwoLevelGuest.PdeAddress(Linear);
    private static readonly uint PteAt = TwoLevelGuest.PteAddress(Linear);

    // C80, C41. By default the directory entry is marked before the PTE is read; by option only a success marks it.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet, 0x9006u, true)] // not present
    [InlineData(FaultAccessedPolicy.PdeSet, 0x9087u, true)] // reserved
    [InlineData(FaultAccessedPolicy.PdeSet, 0x9003u, true)] // denied
    [InlineData(FaultAccessedPolicy.None, 0x9006u, false)]
    [InlineData(FaultAccessedPolicy.None, 0x9087u, false)]
    [InlineData(FaultAccessedPolicy.None, 0x9003u, false)]
    public void Walk_FaultBelowTheDirectory_MarksThePdeAsThePolicySays(FaultAccessedPolicy policy, uint pte, bool marked)
    {
        var guest = new TwoLevelGuest(new CpuFeatures { Pat = false }, options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, pte, 0x07);

        Assert.True(guest.Walk(Linear, Access.UserWrite).IsFault);

        Assert.Equal(TwoLevelGuest.Table | (marked ? 0x27u : 0x07u), guest[PdeAt]);
        Assert.Equal(pte, guest[PteAt]);
    }

    // C80, C41. A large page that denies or is reserved is left as it is.
    [Theory]
    [InlineData(0x0040_0083u, 0x07u)]
    [InlineData(0x0060_0087u, 0x0Fu)]
    [InlineData(0x0040_0086u, 0x06u)]
    public void Walk_LargePageFaults_SetsNothing(uint pde, uint errorCode)
    {
        var guest = new TwoLevelGuest();
        guest[PdeAt] = pde;

        Assert.Equal(new PageFault((PageFaultErrorCode)errorCode, Linear), guest.Walk(Linear, Access.UserWrite).Fault);
        Assert.Equal(pde, guest[PdeAt]);
    }

    // C80, C42. Each flag is written once, and what the walk returns says whether the page is dirty.
    [Fact]
    public void Walk_LargePage_ReportsAndWritesDirtyForWritesAlone()
    {
        var guest = new TwoLevelGuest();
        guest[PdeAt] = LargePde;

        Assert.False(guest.Walk(Linear, Access.UserRead).Attributes.HasFlag(PageAttributes.Dirty));
        Assert.Equal(LargePde | 0x20, guest[PdeAt]);
        Assert.True(guest.Walk(Linear, Access.UserWrite).Attributes.HasFlag(PageAttributes.Dirty));
        Assert.Equal(LargePde | 0x60, guest[PdeAt]);
        Assert.True(guest.Walk(Linear, Access.UserRead).Attributes.HasFlag(PageAttributes.Dirty));
    }

    // C80, C43. Another CPU moves the page, or takes it away, before the walk can flag it: the walk sees the new entry.
    [Theory]
    [InlineData(0x0080_0087u, 0x0080_3ABCul, 0x0080_00E7u)]
    [InlineData(0x0080_0086u, null, 0x0080_0086u)]
    [InlineData(0x0080_0085u, null, 0x0080_0085u)]
    public void Walk_LargePageChangesBeforeItsUpdate_IsEvaluatedAgain(uint changed, ulong? physical, uint left)
    {
        var guest = new TwoLevelGuest();
        guest[PdeAt] = LargePde;
        int updates = 0;

        WalkResult result = Walk(guest, Access.UserWrite, _ => guest[PdeAt] = updates++ == 0 ? changed : guest[PdeAt]);

        Assert.Equal(physical, result.IsFault ? null : result.PhysicalAddress);
        Assert.Equal(left, guest[PdeAt]);
    }

    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_PteWriteProtectedBeforeItsUpdate_FaultsWithoutDirty(FaultAccessedPolicy policy)
    {
        var guest = new TwoLevelGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, 0x9007, 0x07);

        WalkResult result = Walk(guest, Access.UserWrite, address => guest[PteAt] = address == PteAt ? 0x9005 : guest[PteAt]);

        Assert.Equal(new PageFault((PageFaultErrorCode)0x07, Linear), result.Fault);
        Assert.Equal((TwoLevelGuest.Table | 0x27u, 0x9005u), (guest[PdeAt], guest[PteAt]));
    }

    // C80, C42. Directory before table, each update after the load it confirms.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_WithObserver_ShowsEveryAccessInOrder(FaultAccessedPolicy policy)
    {
        var guest = new TwoLevelGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, 0x9007, 0x07);
        List<(string What, WalkLevel Level, ulong Address, ulong Entry)> seen = [];
        var observer = new RecordingObserver(seen);
        var bus = new RecordingBus(new RecordedMemory(guest.Memory));

        PageWalker.Walk(ref bus, ref observer, in guest.Registers.State, Linear, Access.UserWrite);

        (string What, WalkLevel Level, ulong Address, ulong Entry) flagPde = ("update", WalkLevel.Pde, PdeAt, 0x2027);
        (string What, WalkLevel Level, ulong Address, ulong Entry) loadPte = ("load", WalkLevel.Pte, PteAt, 0x9007);
        bool early = policy == FaultAccessedPolicy.PdeSet;
        Assert.Equal(
            [
                ("load", WalkLevel.Pde, PdeAt, 0x2007),
                early ? flagPde : loadPte,
                early ? loadPte : flagPde,
                ("update", WalkLevel.Pte, PteAt, 0x9067),
            ],
            seen);
    }

    private static WalkResult Walk(TwoLevelGuest guest, Access access, Action<ulong> beforeUpdate)
    {
        var bus = new RecordingBus(new RecordedMemory(guest.Memory) { BeforeUpdate = beforeUpdate });
        return PageWalker.Walk(ref bus, in guest.Registers.State, Linear, access);
    }
}
