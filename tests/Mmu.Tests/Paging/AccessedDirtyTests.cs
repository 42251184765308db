using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Accessed and dirty flags, counted on a bus that records (docs/rules.md, C40 to C45).</summary>
public sealed class AccessedDirtyTests
{
    private const uint Linear = 0x8060_3ABC;
    private static List<(string What, WalkLevel Level, ulong Address, ulong Entry)> ObserveWalk(PaeGuest guest)
    {
        List<(string What, WalkLevel Level, ulong Address, ulong Entry)> seen = [];
        var observer = new RecordingObserver(seen);
        var bus = new RecordingBus(new RecordedMemory(guest.Memory));
        PageWalker.Walk(ref bus, ref observer, in guest.Registers.State, Linear, Access.UserWrite);
        return seen;
    }

    private static readonly ulong PdeAt = PaeGuest.PdeAddress(Linear);
    private static readonly ulong PteAt = PaeGuest.PteAddress(Linear);

    // C40, C45. A on both levels, D in the leaf only and for writes only; a read-modify-write is a write.
    [Theory]
    [InlineData(AccessKind.Read, 0x27ul)]
    [InlineData(AccessKind.Fetch, 0x27ul)]
    [InlineData(AccessKind.Write, 0x67ul)]
    [InlineData(AccessKind.ReadModifyWrite, 0x67ul)]
    public void Walk_FreshEntries_SetsAccessedOnBothAndDirtyInTheLeaf(AccessKind kind, ulong pteFlags)
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x9000 | PaeGuest.Fresh, PaeGuest.Fresh);

        WalkResult result = guest.Walk(Linear, new Access(kind, AccessMode.User));

        Assert.Equal(PaeGuest.Table | 0x27ul, guest[PdeAt]);
        Assert.Equal(0x9000 | pteFlags, guest[PteAt]);
        Assert.Equal(pteFlags == 0x67, result.Attributes.HasFlag(PageAttributes.Dirty));
        Assert.Equal(0x4001u, guest[PaeGuest.Pdpt + 16]);
    }

    // C40, C45.
    [Theory]
    [InlineData(AccessKind.Read, 0xA7ul)]
    [InlineData(AccessKind.Fetch, 0xA7ul)]
    [InlineData(AccessKind.Write, 0xE7ul)]
    [InlineData(AccessKind.ReadModifyWrite, 0xE7ul)]
    public void Walk_FreshLargePage_SetsAccessedAndDirtyInThePde(AccessKind kind, ulong flags)
    {
        var guest = new PaeGuest();
        guest.MapLarge(Linear, 0x60_0000 | 0x80 | PaeGuest.Fresh);

        guest.Walk(Linear, new Access(kind, AccessMode.User));

        Assert.Equal(0x60_0000 | flags, guest[PdeAt]);
    }

    // C40. A supervisor write through WP = 0 to a read-only page sets D.
    [Fact]
    public void Walk_SupervisorWriteThroughWpClear_SetsDirty()
    {
        var guest = new PaeGuest(writeProtect: false);
        guest.Map(Linear, 0x9001, 0x01);

        Assert.False(guest.Walk(Linear, Access.SupervisorWrite).IsFault);
        Assert.Equal(0x9061u, guest[PteAt]);
    }

    // C45. A read-modify-write of a page that is not present, or read-only, faults as a write, and sets nothing in the PTE.
    [Theory]
    [InlineData(0x9006ul, 0x06u)]
    [InlineData(0x9005ul, 0x07u)]
    public void Walk_ReadModifyWriteThatFaults_IsAWrite(ulong pte, uint errorCode)
    {
        var guest = new PaeGuest();
        guest.Map(Linear, pte);

        WalkResult result = guest.Walk(Linear, new Access(AccessKind.ReadModifyWrite, AccessMode.User));

        Assert.Equal(errorCode, (uint)result.Fault.ErrorCode);
        Assert.Equal(pte, guest[PteAt]);
    }

    // C41. By default the directory entry is used, and marked, before the PTE is read; by option only a success marks it.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet, 0x9006ul, true)] // PTE not present
    [InlineData(FaultAccessedPolicy.PdeSet, 0x4_0000_0000_9007ul, true)] // PTE reserved
    [InlineData(FaultAccessedPolicy.PdeSet, 0x9003ul, true)] // denied
    [InlineData(FaultAccessedPolicy.None, 0x9006ul, false)]
    [InlineData(FaultAccessedPolicy.None, 0x4_0000_0000_9007ul, false)]
    [InlineData(FaultAccessedPolicy.None, 0x9003ul, false)]
    [InlineData(FaultAccessedPolicy.None, 0x9007ul, true)] // success
    public void Walk_FaultBelowTheDirectory_MarksThePdeAsThePolicySays(FaultAccessedPolicy policy, ulong pte, bool marked)
    {
        var guest = new PaeGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, pte, PaeGuest.Fresh);

        bool faults = guest.Walk(Linear, Access.UserWrite).IsFault;

        Assert.Equal(marked, (guest[PdeAt] & EntryBits.Accessed) != 0);
        Assert.Equal(faults ? pte : pte | 0x60, guest[PteAt]);
    }

    // C41. Nothing is set in an entry that is itself the reason, nor in a 2-MiB page that denies.
    [Theory]
    [InlineData(0x86ul)]
    [InlineData(0x83ul)]
    [InlineData(0x4_0000_0000_0087ul)]
    [InlineData(0x4_0000_0000_0007ul)]
    [InlineData(0x06ul)]
    public void Walk_FaultInTheDirectory_SetsNothing(ulong pde)
    {
        var guest = new PaeGuest();
        guest.MapLarge(Linear, pde);

        Assert.True(guest.Walk(Linear, Access.UserWrite).IsFault);
        Assert.Equal(pde, guest[PdeAt]);
    }

    // C42. Two loads and no update where A, and D for a write, are set already; the PDPT is not read.
    [Fact]
    public void Walk_FlagsAlreadySet_LoadsTwiceAndWritesNothing()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x9000 | PaeGuest.Used);
        RecordedMemory memory = Walk(guest, Access.UserWrite, out _);

        Assert.Equal([PdeAt, PteAt], memory.Loads);
        Assert.Empty(memory.Updates);
    }

    // C42. A write to a page with A set and D clear updates the leaf alone.
    [Fact]
    public void Walk_OnlyDirtyMissing_UpdatesTheLeafAlone()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x9027, 0x27);
        RecordedMemory memory = Walk(guest, Access.UserWrite, out _);

        Assert.Equal([PdeAt, PteAt], memory.Loads);
        Assert.Equal([PteAt], memory.Updates);
    }

    // C42. A read does not write for the sake of D.
    [Fact]
    public void Walk_ReadWithDirtyMissing_WritesNothing()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x9027, 0x27);

        Assert.Empty(Walk(guest, Access.UserRead, out _).Updates);
    }

    // C42. A 2-MiB page takes one load, and one update while it is fresh.
    [Fact]
    public void Walk_LargePage_LoadsOnce()
    {
        var guest = new PaeGuest();
        guest.MapLarge(Linear, 0x60_0087);

        RecordedMemory first = Walk(guest, Access.UserWrite, out _);
        Assert.Equal([PdeAt], first.Loads);
        Assert.Equal([PdeAt], first.Updates);

        RecordedMemory second = Walk(guest, Access.UserWrite, out _);
        Assert.Equal([PdeAt], second.Loads);
        Assert.Empty(second.Updates);
    }

    // C42. Fresh entries: PDE, its update, PTE, its update.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_FreshEntries_UpdatesEachOnce(FaultAccessedPolicy policy)
    {
        var guest = new PaeGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, 0x9007, PaeGuest.Fresh);
        RecordedMemory memory = Walk(guest, Access.UserWrite, out _);

        Assert.Equal([PdeAt, PteAt], memory.Loads);
        Assert.Equal([PdeAt, PteAt], memory.Updates);
    }

    // C42. Walk on demand reads the PDPTE, once, and never writes it.
    [Fact]
    public void Walk_OnDemand_LoadsThreeTimes()
    {
        var guest = new PaeGuest(options: new PagingOptions { PdpteMode = PdpteMode.WalkOnDemand });
        guest.Map(Linear, 0x9007, PaeGuest.Fresh);
        RecordedMemory memory = Walk(guest, Access.UserWrite, out _);

        Assert.Equal([PaeGuest.Pdpt + 16, PdeAt, PteAt], memory.Loads);
        Assert.Equal([PdeAt, PteAt], memory.Updates);
    }

    // C42. A walk stops where it faults.
    [Theory]
    [InlineData(0x06ul, 1)]
    [InlineData(0x4_0000_0000_0067ul, 1)]
    [InlineData(0x67ul, 2)]
    public void Walk_Fault_LoadsNoFurther(ulong pdeFlags, int loads)
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0, pdeFlags);

        Assert.Equal(loads, Walk(guest, Access.UserRead, out _).Loads.Count);
    }

    // C42. With paging off no table is read.
    [Fact]
    public void Walk_PagingOff_LoadsNothing()
    {
        var guest = new PaeGuest();
        guest.WriteCr0(Cr0.ProtectionEnable);

        Assert.Empty(Walk(guest, Access.UserWrite, out _).Loads);
    }

    // C43. Another CPU sets software bits between load and update: the walk sees them, and keeps them.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_EntryChangesBeforeItsUpdate_RetriesWithTheNewValue(FaultAccessedPolicy policy)
    {
        var guest = new PaeGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, 0x9007, PaeGuest.Fresh);
        HashSet<ulong> changed = [];
        RecordedMemory memory = Walk(guest, Access.UserWrite, out WalkResult result, address =>
        {
            if (changed.Add(address))
            {
                guest[address] |= 0xE00;
            }
        });

        Assert.Equal(0x9ABCu, result.PhysicalAddress);
        Assert.Equal(PaeGuest.Table | 0xE27ul, guest[PdeAt]);
        Assert.Equal(0x9E67u, guest[PteAt]);
        Assert.Equal(2, memory.Updates.Count(address => address == PdeAt));
        Assert.Equal(2, memory.Updates.Count(address => address == PteAt));
    }

    // C43. Another CPU clears P in between: the fault is reported and no flag is set in what is software's now.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_PteUnmappedBeforeItsUpdate_Faults(FaultAccessedPolicy policy)
    {
        var guest = new PaeGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, 0x9007);
        Walk(guest, Access.UserWrite, out WalkResult result, _ => guest[PteAt] = 0x9006);

        Assert.Equal(new PageFault((PageFaultErrorCode)0x06, Linear), result.Fault);
        Assert.Equal(0x9006u, guest[PteAt]);
    }

    // C43. The same in the directory.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet, 0x6006ul)]
    [InlineData(FaultAccessedPolicy.None, 0x6006ul)]
    [InlineData(FaultAccessedPolicy.PdeSet, 0x60_0086ul)]
    [InlineData(FaultAccessedPolicy.None, 0x60_0086ul)]
    public void Walk_PdeUnmappedBeforeItsUpdate_Faults(FaultAccessedPolicy policy, ulong unmapped)
    {
        var guest = new PaeGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, 0x9067, PaeGuest.Fresh);
        guest[PdeAt] = unmapped | 1;
        Walk(guest, Access.UserWrite, out WalkResult result, address => guest[address] = unmapped);

        Assert.Equal(new PageFault((PageFaultErrorCode)0x06, Linear), result.Fault);
        Assert.Equal(unmapped, guest[PdeAt]);
    }

    // C41, C43. The directory entry is updated before the leaf, with either policy: a walk that faults on its retry has set no D.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_PdeUnmappedBeforeAnyUpdate_LeavesTheLeafUntouched(FaultAccessedPolicy policy)
    {
        var guest = new PaeGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, 0x9007, PaeGuest.Fresh);
        Walk(guest, Access.UserWrite, out WalkResult result, _ => guest[PdeAt] = 0x6006);

        Assert.Equal(new PageFault((PageFaultErrorCode)0x06, Linear), result.Fault);
        Assert.Equal((0x6006ul, 0x9007ul), (guest[PdeAt], guest[PteAt]));
    }

    // C43. Another CPU turns the table into a 2-MiB page: the walk follows.
    [Fact]
    public void Walk_PdeBecomesLargeBeforeItsUpdate_FollowsIt()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x9007, PaeGuest.Fresh);
        Walk(guest, Access.UserRead, out WalkResult result, _ => guest[PdeAt] = 0x60_00A7);

        Assert.Equal(0x60_3ABCu, result.PhysicalAddress);
        Assert.True(result.Attributes.HasFlag(PageAttributes.Large));
    }

    // C43. D must not be set where the write turns out to be denied.
    [Fact]
    public void Walk_PteWriteProtectedBeforeItsUpdate_FaultsWithoutDirty()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x9007);
        Walk(guest, Access.UserWrite, out WalkResult result, _ => guest[PteAt] = 0x9005);

        Assert.Equal(0x07u, (uint)result.Fault.ErrorCode);
        Assert.Equal(0x9005u, guest[PteAt]);
    }

    // C43, C63. A bus that always reports a change does not hang the walk.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet, 0x6007ul)]
    [InlineData(FaultAccessedPolicy.None, 0x6007ul)]
    [InlineData(FaultAccessedPolicy.PdeSet, 0x60_0087ul)]
    public void Walk_BusThatAlwaysReportsAChange_Terminates(FaultAccessedPolicy policy, ulong pde)
    {
        var guest = new PaeGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, 0x9007, PaeGuest.Fresh);
        guest[PdeAt] = pde;
        var memory = new RecordedMemory(guest.Memory) { AlwaysChanged = true };
        var bus = new RecordingBus(memory);

        WalkResult result = PageWalker.Walk(ref bus, in guest.Registers.State, Linear, Access.UserWrite);

        Assert.False(result.IsFault);
        Assert.True(memory.Loads.Count < 10_000);
        Assert.Equal(pde, guest[PdeAt]);
        Assert.Equal(0x9007u, guest[PteAt]);
    }

    // C41, C42. FaultAccessedPolicy.None: the page table is looked at before the directory entry is marked.
    [Fact]
    public void Walk_UnusedTableMarkedLate_TheObserverSeesItInThatOrder()
    {
        var guest = new PaeGuest(options: new PagingOptions { FaultAccessedPolicy = FaultAccessedPolicy.None });
        guest.Map(Linear, 0x9007, PaeGuest.Fresh);

        List<(string What, WalkLevel Level, ulong Address, ulong Entry)> seen = ObserveWalk(guest);

        Assert.Equal(
            [
                ("load", WalkLevel.Pde, PdeAt, 0x6007ul),
                ("load", WalkLevel.Pte, PteAt, 0x9007ul),
                ("update", WalkLevel.Pde, PdeAt, 0x6027ul),
                ("update", WalkLevel.Pte, PteAt, 0x9067ul),
            ],
            seen);
    }

    // C43, C63. The same where a PDPTE in memory is flagged as well.
    [Fact]
    public void Walk_BusThatAlwaysReportsAChangeOfThePdpte_Terminates()
    {
        var guest = new PaeGuest(options: new PagingOptions { PdpteMode = PdpteMode.WalkOnDemand, SetsPdpteAccessed = true });
        guest.Map(Linear, 0x9067);
        var memory = new RecordedMemory(guest.Memory) { AlwaysChanged = true };
        var bus = new RecordingBus(memory);

        WalkResult result = PageWalker.Walk(ref bus, in guest.Registers.State, Linear, Access.UserWrite);

        Assert.False(result.IsFault);
        Assert.Equal(memory.Updates.Count + 2, memory.Loads.Count); // read again for each, then the PDE and the PTE
        Assert.InRange(memory.Updates.Count, 2, 10_000);
    }

    // C42, C43. An entry that is read again is shown again, as it is then.
    [Theory]
    [InlineData(0x6007ul, 0x9067ul, WalkLevel.Pde)]
    [InlineData(0x6067ul, 0x9007ul, WalkLevel.Pte)]
    [InlineData(0x60_0087ul, 0x9067ul, WalkLevel.Pde)]
    public void Walk_EntryChangesBeforeItsUpdate_TheObserverSeesItTwice(ulong pde, ulong pte, WalkLevel level)
    {
        var guest = new PaeGuest();
        guest.Map(Linear, pte);
        guest[PdeAt] = pde;
        List<(string What, WalkLevel Level, ulong Address, ulong Entry)> seen = [];
        var observer = new RecordingObserver(seen);
        ulong changed = level == WalkLevel.Pde ? PdeAt : PteAt;
        bool done = false;
        var bus = new RecordingBus(new RecordedMemory(guest.Memory)
        {
            BeforeUpdate = _ =>
            {
                guest[changed] |= done ? 0 : 0x200ul; // a bit that software may use
                done = true;
            },
        });
        ulong before = guest[changed];

        Assert.False(PageWalker.Walk(ref bus, ref observer, in guest.Registers.State, Linear, Access.UserRead).IsFault);

        Assert.Equal([before, before | 0x200], seen.Where(each => each.What == "load" && each.Level == level).Select(each => each.Entry));
    }

    // C42. The observer of a walk sees each load and each update that took effect.
    [Fact]
    public void Walk_WithObserver_ShowsEveryAccessInOrder()
    {
        var guest = new PaeGuest(options: new PagingOptions { PdpteMode = PdpteMode.WalkOnDemand });
        guest.Map(Linear, 0x9007, PaeGuest.Fresh);

        List<(string What, WalkLevel Level, ulong Address, ulong Entry)> seen = ObserveWalk(guest);

        Assert.Equal(
            [
                ("load", WalkLevel.Pdpte, PaeGuest.Pdpt + 16, 0x4001ul),
                ("load", WalkLevel.Pde, PdeAt, 0x6007ul),
                ("update", WalkLevel.Pde, PdeAt, 0x6027ul),
                ("load", WalkLevel.Pte, PteAt, 0x9007ul),
                ("update", WalkLevel.Pte, PteAt, 0x9067ul),
            ],
            seen);
    }

    private static RecordedMemory Walk(PaeGuest guest, Access access, out WalkResult result, Action<ulong>? beforeUpdate = null)
    {
        var memory = new RecordedMemory(guest.Memory) { BeforeUpdate = beforeUpdate };
        var bus = new RecordingBus(memory);
        result = PageWalker.Walk(ref bus, in guest.Registers.State, Linear, access);
        return memory;
    }
}
