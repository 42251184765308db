using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Two-level paging (docs/rules.md, C80).</summary>
public sealed class TwoLevelPagingTests
{
    private const uint Linear = 0xC040_3ABC;
    private static readonly uint PdeAt = TwoLevelGuest.PdeAddress(Linear);
    private static readonly uint PteAt = TwoLevelGuest.PteAddress(Linear);

    // C80. Directory index 31:22, table index 21:12, frames below 4 GiB.
    [Theory]
    [InlineData(0x0000_0000u)]
    [InlineData(0x003F_F123u)]
    [InlineData(0x8040_0FFFu)]
    [InlineData(0xFFFF_FFFFu)]
    public void Walk_SmallPage_UsesTenBitIndices(uint linear)
    {
        var guest = new TwoLevelGuest();
        guest.Map(linear, 0xFEDC_B067);

        Assert.Equal(0xFEDC_B000u | (linear & 0xFFF), guest.Walk(linear, Access.UserRead).PhysicalAddress);
    }

    // C80. CR3 bits 11:0 are ignored, PCD and PWT among them for the address.
    [Fact]
    public void Walk_LowBitsOfCr3_AreIgnored()
    {
        var guest = new TwoLevelGuest(cr3: TwoLevelGuest.Directory | 0xFFF);
        guest.Map(Linear, 0x9067);

        Assert.Equal(TwoLevelGuest.Directory | 0xFFF, guest.Registers.Cr3);
        Assert.Equal(0x9ABCu, guest.Walk(Linear, Access.UserRead).PhysicalAddress);
    }

    // C80. 4-MiB pages: offset of 22 bits.
    [Fact]
    public void Walk_LargePage_MapsFourMebibytes()
    {
        var guest = new TwoLevelGuest();
        guest[PdeAt] = 0xFFC0_00E7;

        WalkResult result = guest.Walk(Linear | 0x3F_FFFF, Access.UserRead);

        Assert.Equal(0xFFFF_FFFFu, result.PhysicalAddress);
        Assert.True(result.Attributes.HasFlag(PageAttributes.Large));
    }

    // C80. With PSE = 0 bit 7 of a PDE is ignored, and no bit of any entry is reserved, with or without PAT.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Walk_PseClear_IgnoresBit7AndReservesNothing(bool pat)
    {
        var guest = new TwoLevelGuest(new CpuFeatures { Pat = pat }, cr4: Cr4.None);
        guest.Map(Linear, 0x9000 | 0xFE7, pdeFlags: 0xFE7);

        WalkResult result = guest.Walk(Linear, Access.UserRead);

        Assert.Equal(0x9ABCu, result.PhysicalAddress);
        Assert.False(result.Attributes.HasFlag(PageAttributes.Large));
    }

    // C80. Bits 21:13 of a 4-MiB PDE, one by one, over widths and PSE-36; address bits 39:32 come from bits 20:13.
    [Theory]
    [InlineData(32, true, 13)]
    [InlineData(36, true, 17)]
    [InlineData(39, true, 20)]
    [InlineData(40, true, 21)]
    [InlineData(46, true, 21)]
    [InlineData(52, true, 21)]
    [InlineData(36, false, 13)]
    [InlineData(52, false, 13)]
    public void Walk_UpperBitsOfALargePde_AreAddressOrReserved(int maxPhyAddr, bool pse36, int lowestReserved)
    {
        var guest = new TwoLevelGuest(new CpuFeatures { MaxPhyAddr = maxPhyAddr, Pse36 = pse36 });
        for (int bit = 13; bit <= 21; bit++)
        {
            guest[PdeAt] = 0x0040_00E7 | (1u << bit);

            WalkResult result = guest.Walk(Linear, Access.UserRead);

            if (bit >= lowestReserved)
            {
                Assert.Equal(new PageFault((PageFaultErrorCode)0x0D, Linear), result.Fault);
            }
            else
            {
                Assert.Equal((1UL << (32 + bit - 13)) | 0x40_3ABCu, result.PhysicalAddress);
            }
        }
    }

    // C80. Without PAT bit 7 of a PTE and bit 12 of a 4-MiB PDE are reserved; with it they are PAT.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Walk_PatBits_AreReservedWithoutPat(bool pat)
    {
        var guest = new TwoLevelGuest(new CpuFeatures { Pat = pat });

        guest.Map(Linear, 0x90E7);
        AssertPat(pat, guest.Walk(Linear, Access.UserRead));
        guest[PdeAt] = 0x0040_10E7;
        AssertPat(pat, guest.Walk(Linear, Access.UserRead));
    }

    // C80. A and D as with PAE.
    [Fact]
    public void Walk_FreshEntries_SetsAccessedAndDirty()
    {
        var guest = new TwoLevelGuest();
        guest.Map(Linear, 0x9007, 0x07);

        guest.Walk(Linear, Access.UserRead);
        Assert.Equal((TwoLevelGuest.Table | 0x27u, 0x9027u), (guest[PdeAt], guest[PteAt]));
        guest.Walk(Linear, Access.UserWrite);
        Assert.Equal((TwoLevelGuest.Table | 0x27u, 0x9067u), (guest[PdeAt], guest[PteAt]));

        guest[PdeAt] = 0x0040_0087;
        guest.Walk(Linear, new Access(AccessKind.ReadModifyWrite, AccessMode.User));
        Assert.Equal(0x0040_00E7u, guest[PdeAt]);
    }

    // C80, C42, C43. Updates are 32 bits wide, made only where needed, and repeated when another CPU was first.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_EntryChangesBeforeItsUpdate_RetriesWithTheNewValue(FaultAccessedPolicy policy)
    {
        var guest = new TwoLevelGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, 0x9007, 0x07);
        guest[PteAt + 4] = 0xDEAD_BEEF;
        HashSet<ulong> changed = [];
        var memory = new RecordedMemory(guest.Memory)
        {
            BeforeUpdate = address => guest[(uint)address] |= changed.Add(address) ? 0xE00u : 0,
        };
        var bus = new RecordingBus(memory);

        Assert.Equal(0x9ABCu, PageWalker.Walk(ref bus, in guest.Registers.State, Linear, Access.UserWrite).PhysicalAddress);
        Assert.Equal((0xE27u | TwoLevelGuest.Table, 0x9E67u, 0xDEAD_BEEFu), (guest[PdeAt], guest[PteAt], guest[PteAt + 4]));
        Assert.Equal(4, memory.Updates.Count);

        memory.Loads.Clear();
        memory.Updates.Clear();
        PageWalker.Walk(ref bus, in guest.Registers.State, Linear, Access.UserWrite);
        Assert.Equal([PdeAt, PteAt], memory.Loads);
        Assert.Empty(memory.Updates);
    }

    // C80, C41, C43. The directory entry is updated before the leaf, with either policy.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_PdeUnmappedBeforeAnyUpdate_LeavesTheLeafUntouched(FaultAccessedPolicy policy)
    {
        var guest = new TwoLevelGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(Linear, 0x9007, 0x07);
        var memory = new RecordedMemory(guest.Memory) { BeforeUpdate = _ => guest[PdeAt] = 0x2006 };
        var bus = new RecordingBus(memory);

        WalkResult result = PageWalker.Walk(ref bus, in guest.Registers.State, Linear, Access.UserWrite);

        Assert.Equal(new PageFault((PageFaultErrorCode)0x06, Linear), result.Fault);
        Assert.Equal((0x2006u, 0x9007u), (guest[PdeAt], guest[PteAt]));
    }

    // C80, C43, C63. Neither ROM nor a bus that always reports a change hangs the walk.
    [Theory]
    [InlineData(0x2007u)]
    [InlineData(0x0040_0087u)]
    public void Walk_BusThatDropsOrFoilsUpdates_Terminates(uint pde)
    {
        foreach (FaultAccessedPolicy policy in Enum.GetValues<FaultAccessedPolicy>())
        {
            var guest = new TwoLevelGuest();
            guest.Map(Linear, 0x9007);
            guest[PdeAt] = pde;
            var registers = new ControlRegisters(CpuFeatures.Full40, new PagingOptions { FaultAccessedPolicy = policy });
            var memory = new RecordedMemory(guest.Memory) { AlwaysChanged = true };
            var bus = new RecordingBus(memory);
            registers.WriteCr4((uint)Cr4.PageSizeExtensions, ref bus);
            registers.WriteCr3(TwoLevelGuest.Directory, ref bus);
            registers.WriteCr0(0x8001_0001, ref bus);

            Assert.False(PageWalker.Walk(ref bus, in registers.State, Linear, Access.UserWrite).IsFault);
            Assert.True(memory.Loads.Count < 10_000);

            memory.AlwaysChanged = false;
            memory.RomEnd = 0x1_0000;
            memory.Updates.Clear();
            Assert.False(PageWalker.Walk(ref bus, in registers.State, Linear, Access.UserWrite).IsFault);
            Assert.True(memory.Updates.Count <= 2);
            Assert.Equal(pde, guest[PdeAt]);
        }
    }

    // C80. NXE has no effect and there is no XD: a fetch from any present page is allowed.
    [Fact]
    public void Walk_NxeSet_HasNoEffect()
    {
        var guest = new TwoLevelGuest();
        guest.Registers.WriteEfer((ulong)Efer.ExecuteDisableEnable);
        guest.Map(Linear, 0x9067);

        WalkResult result = guest.Walk(Linear, Access.UserFetch);

        Assert.False(result.IsFault);
        Assert.False(result.Attributes.HasFlag(PageAttributes.ExecuteDisable));
    }

    // C80. The same memory read through both kinds of paging: PAE off reads 32-bit entries from CR3 & ~FFFh, PAE on loads the PDPTEs.
    [Fact]
    public void WriteCr4_PaeToggled_ReadsTheTablesAnew()
    {
        var guest = new PaeGuest(cr4: Cr4.PageSizeExtensions);
        guest.MapLarge(0x0000_0000, 0x60_0000 | PaeGuest.Used | 0x80);
        guest[PaeGuest.Pdpt + 0x400] = 0x0080_00E7; // as a 32-bit directory: entry 100h, linear 4000_0000h

        Assert.Equal(0x60_0123u, guest.Walk(0x0000_0123, Access.UserRead).PhysicalAddress);
        guest.WriteCr4(Cr4.PageSizeExtensions);
        Assert.Equal(0x0080_0123u, guest.Walk(0x4000_0123, Access.UserRead).PhysicalAddress);
        guest.WriteCr4(Cr4.PageSizeExtensions | Cr4.PhysicalAddressExtension);
        Assert.Equal(0x60_0123u, guest.Walk(0x0000_0123, Access.UserRead).PhysicalAddress);
    }

    // C80, C63. A directory in a hole.
    [Theory]
    [InlineData(0xFF, 0x0Du)]
    [InlineData(0x00, 0x04u)]
    public void Walk_DirectoryInAHole_FaultsAsTheOpenBusValueSays(byte openBus, uint errorCode)
    {
        var guest = new TwoLevelGuest(cr3: 0x4000_0000);
        var bus = new SpanBus(guest.Memory, openBus);

        Assert.Equal(errorCode, (uint)PageWalker.Walk(ref bus, in guest.Registers.State, Linear, Access.UserRead).Fault.ErrorCode);
    }

    private static void AssertPat(bool pat, WalkResult result)
    {
        Assert.Equal(!pat, result.IsFault);
        Assert.Equal(pat, result.Attributes.HasFlag(PageAttributes.Pat));
        Assert.Equal(pat ? default : new PageFault((PageFaultErrorCode)0x0D, Linear), result.Fault);
    }
}
