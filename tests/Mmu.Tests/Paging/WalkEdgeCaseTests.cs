using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Page ends, the end of the address space, holes, ROM, and tables that are used twice (docs/rules.md, C60 to C65).</summary>
public sealed class WalkEdgeCaseTests
{
    private const ulong Used = PaeGuest.Used;

    // C60, C62. Two pages are two walks; the fault in the second has the first byte of that page for CR2.
    [Theory]
    [InlineData(AccessKind.Read, 0x04u)]
    [InlineData(AccessKind.Write, 0x06u)]
    [InlineData(AccessKind.Fetch, 0x14u)]
    public void Walk_SecondPageOfACrossingAccess_FaultsAtItsFirstByte(AccessKind kind, uint errorCode)
    {
        var guest = new PaeGuest();
        guest.Map(0x4000_0000, 0x9000 | Used);
        var access = new Access(kind, AccessMode.User);

        Assert.Equal(0x9FFEu, guest.Walk(0x4000_0FFE, access).PhysicalAddress);
        Assert.Equal(new PageFault((PageFaultErrorCode)errorCode, 0x4000_1000), guest.Walk(0x4000_1000, access).Fault);
    }

    // C60. A boundary of 4 KiB inside a 2-MiB page is none: one translation gives both.
    [Fact]
    public void Walk_BothSidesOfA4KiBBoundaryInALargePage_AreAdjacent()
    {
        var guest = new PaeGuest();
        guest.MapLarge(0x4020_0000, 0x60_0000 | Used | 0x80);

        Assert.Equal(0x60_0FFFu, guest.Walk(0x4020_0FFF, Access.UserRead).PhysicalAddress);
        Assert.Equal(0x60_1000u, guest.Walk(0x4020_1000, Access.UserRead).PhysicalAddress);
    }

    // C61. The byte after FFFF_FFFFh is byte 0, in the first gibibyte's tables.
    [Fact]
    public void Walk_AroundTheEndOfTheAddressSpace_Wraps()
    {
        var guest = new PaeGuest();
        guest.Map(0xFFFF_F000, 0x9000 | Used);
        guest.Map(0x0000_0000, 0xA000 | Used);
        uint last = 0xFFFF_FFFF;

        Assert.Equal(0x9FFFu, guest.Walk(last, Access.UserRead).PhysicalAddress);
        Assert.Equal(0xA000u, guest.Walk(unchecked(last + 1), Access.UserRead).PhysicalAddress);
    }

    // C63. A table in a hole reads as open bus: all ones is present with reserved bits, zeros are not present.
    [Theory]
    [InlineData(0xFF, 0x0Du)]
    [InlineData(0x00, 0x04u)]
    public void Walk_TableInAHole_FaultsAsTheOpenBusValueSays(byte openBus, uint errorCode)
    {
        var guest = new PaeGuest();
        guest.MapLarge(0x4000_0000, 0x4000_0000 | Used); // a page table beyond the end of memory
        var bus = new SpanBus(guest.Memory, openBus);
        Assert.Equal(errorCode, (uint)PageWalker.Walk(ref bus, in guest.Registers.State, 0x4000_0000, Access.UserRead).Fault.ErrorCode);

        guest[PaeGuest.Pdpt + 8] = 0x4000_0001; // a directory beyond it
        guest.WriteCr3(PaeGuest.Pdpt);
        Assert.Equal(errorCode, (uint)PageWalker.Walk(ref bus, in guest.Registers.State, 0x4000_0000, Access.UserRead).Fault.ErrorCode);
    }

    // The walk over a buffer has a way of its own through entries that were used before; it must come to what any bus comes to.
    [Fact]
    public void Walk_AnyEntriesInBuffersOfAnyLength_OverTheBufferAndOverItsBusAreTheSame()
    {
        const uint Linear = 0x4000_0ABC;
        var random = new Random(2026);
        AccessKind[] kinds = Enum.GetValues<AccessKind>();
        for (int i = 0; i < 20_000; i++)
        {
            Cr4 cr4 = (i & 1) == 0 ? Cr4.PageGlobalEnable : Cr4.None;
            cr4 |= random.Next(4) == 0 ? Cr4.SupervisorAccessPrevention | Cr4.SupervisorExecutionPrevention : Cr4.None;
            PagingOptions options = PagingOptions.Default with
            {
                PdpteMode = random.Next(8) == 0 ? PdpteMode.WalkOnDemand : PdpteMode.Registers,
                FaultAccessedPolicy = random.Next(2) == 0 ? FaultAccessedPolicy.PdeSet : FaultAccessedPolicy.None,
            };
            var guest = new PaeGuest(cr4: cr4, nxe: (i & 2) != 0, writeProtect: random.Next(2) == 0, options: options);
            if (random.Next(8) == 0)
            {
                guest[PaeGuest.Pdpt + 8] = 0; // the register keeps it, if it is one and is not loaded
                if (random.Next(2) == 0)
                {
                    guest.WriteCr3(PaeGuest.Pdpt);
                }
            }

            guest.Registers.A20Masked = (i & 4) != 0;
            ulong flips = 1UL << random.Next(64) | 1UL << random.Next(64);
            guest.Map(Linear, 0x9000 | Used ^ (i % 3 == 0 ? 0 : flips), Used ^ (i % 5 == 0 ? 1UL << random.Next(64) : 0));
            var access = new Access(kinds[random.Next(kinds.Length)], (AccessMode)random.Next(3));
            ulong end = (i % 7) switch { 0 => PaeGuest.PteAddress(Linear), 1 => PaeGuest.PdeAddress(Linear), _ => 0xFFF0 };
            int length = (int)end + random.Next(12);
            byte[] before = guest.Memory[..length];
            var bus = new SpanBus(before);

            WalkResult result = PageWalker.Walk(guest.Memory.AsSpan(0, length), in guest.Registers.State, Linear, access);

            Assert.Equal(PageWalker.Walk(ref bus, in guest.Registers.State, Linear, access), result);
            Assert.True(guest.Memory.AsSpan(0, length).SequenceEqual(before)); // the same flags were set
        }
    }

    // C63. A page in a hole is not a fault.
    [Fact]
    public void Walk_PageInAHole_Translates()
    {
        var guest = new PaeGuest();
        guest.Map(0x4000_0000, 0xAB_CDEF_0000 | Used);

        Assert.Equal(0xAB_CDEF_0123u, guest.Walk(0x4000_0123, Access.UserWrite).PhysicalAddress);
    }

    // C63. Tables in ROM: the update is dropped, tried once for each entry, and the walk goes on.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_TablesInRom_TranslatesWithoutRetrying(FaultAccessedPolicy policy)
    {
        var guest = new PaeGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        guest.Map(0x4000_0000, 0x9007, PaeGuest.Fresh);
        var memory = new RecordedMemory(guest.Memory) { RomEnd = 0x10_0000 };
        var bus = new RecordingBus(memory);

        WalkResult result = PageWalker.Walk(ref bus, in guest.Registers.State, 0x4000_0123, Access.UserWrite);

        Assert.Equal(0x9123u, result.PhysicalAddress);
        Assert.Equal(2, memory.Updates.Count);
        Assert.Equal(2, memory.Loads.Count);
        Assert.Equal(0x9007u, guest[PaeGuest.PteAddress(0x4000_0000)]);
    }

    // C63. A 2-MiB page whose directory is in ROM.
    [Fact]
    public void Walk_LargePageInRomDirectory_TranslatesWithoutRetrying()
    {
        var guest = new PaeGuest();
        guest.MapLarge(0x4000_0000, 0x60_0087);
        var memory = new RecordedMemory(guest.Memory) { RomEnd = 0x10_0000 };
        var bus = new RecordingBus(memory);

        Assert.False(PageWalker.Walk(ref bus, in guest.Registers.State, 0x4000_0123, Access.UserWrite).IsFault);
        Assert.Single(memory.Updates);
    }

    // C64. One page table under two directory entries: each PDE has its own A, the PTE is shared.
    [Fact]
    public void Walk_TableUnderTwoDirectoryEntries_SharesItsFlags()
    {
        var guest = new PaeGuest();
        guest.Map(0x4000_3000, 0x9007, PaeGuest.Fresh);
        guest.Map(0x8020_3000, 0x9007, PaeGuest.Fresh);

        guest.Walk(0x8020_3000, Access.UserWrite);

        Assert.Equal(PaeGuest.Table | PaeGuest.Fresh, guest[PaeGuest.PdeAddress(0x4000_3000)]);
        Assert.Equal(0x9067u, guest[PaeGuest.PteAddress(0x4000_3000)]);
        Assert.True(guest.Walk(0x4000_3000, Access.UserRead).Attributes.HasFlag(PageAttributes.Dirty));
    }

    // C64. One directory under all four PDPTEs.
    [Fact]
    public void Walk_DirectoryUnderFourPdptes_MapsTheSameFourTimes()
    {
        var guest = new PaeGuest();
        guest.Map(0x0000_3000, 0x9000 | Used);
        for (uint i = 0; i < 4; i++)
        {
            guest[PaeGuest.Pdpt + (8 * i)] = 0x2001;
        }

        guest.WriteCr3(PaeGuest.Pdpt);

        for (uint i = 0; i < 4; i++)
        {
            Assert.Equal(0x9123u, guest.Walk((i << 30) | 0x3123, Access.UserRead).PhysicalAddress);
        }
    }

    // C65. A directory that is its own page table: one entry is PDE and PTE of the same walk and gets A and D.
    [Theory]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_SelfMappedDirectory_SeesItsOwnUpdate(FaultAccessedPolicy policy)
    {
        var guest = new PaeGuest(options: new PagingOptions { FaultAccessedPolicy = policy });
        const uint Linear = 0xC000_0000 | (511u << 21) | (511u << 12);
        const ulong Entry = 0x5000 + (8 * 511);
        guest[Entry] = 0x5007;

        Assert.Equal(0x5ABCu, guest.Walk(Linear | 0xABC, Access.UserRead).PhysicalAddress);
        Assert.Equal(0x5027u, guest[Entry]);
        Assert.Equal(0x5ABCu, guest.Walk(Linear | 0xABC, Access.UserWrite).PhysicalAddress);
        Assert.Equal(0x5067u, guest[Entry]);
    }

    // C65. Through the self-map a directory entry with bit 7 is a PTE: PS is read as PAT, and its page is the 4 KiB it names.
    [Fact]
    public void Walk_LargePdeThroughTheSelfMap_ReadsPsAsPat()
    {
        var guest = new PaeGuest();
        guest[0x5000 + (8 * 511)] = 0x5000 | Used;
        guest[0x5000 + (8 * 3)] = 0x60_0000 | Used | 0x80;

        WalkResult asPage = guest.Walk(0xC060_0123, Access.UserRead);
        WalkResult asTable = guest.Walk(0xC000_0000 | (511u << 21) | (3u << 12) | 0x123, Access.UserRead);

        Assert.True(asPage.Attributes.HasFlag(PageAttributes.Large));
        Assert.False(asPage.Attributes.HasFlag(PageAttributes.Pat));
        Assert.Equal(0x60_0123u, asTable.PhysicalAddress);
        Assert.Equal(PageAttributes.Pat, asTable.Attributes & (PageAttributes.Pat | PageAttributes.Large));
    }

    // C65. Without PAT that bit 7 is reserved in a PTE, and fine in a PDE.
    [Fact]
    public void Walk_LargePdeThroughTheSelfMapWithoutPat_IsReserved()
    {
        var guest = new PaeGuest(new CpuFeatures { Pat = false });
        guest[0x5000 + (8 * 511)] = 0x5000 | Used;
        guest[0x5000 + (8 * 3)] = 0x60_0000 | Used | 0x80;

        Assert.False(guest.Walk(0xC060_0123, Access.UserRead).IsFault);
        Assert.Equal(0x0Du, (uint)guest.Walk(0xC000_0000 | (511u << 21) | (3u << 12), Access.UserRead).Fault.ErrorCode);
    }

    // C20. A page at frame 0, and a table at 0, are as good as any.
    [Fact]
    public void Walk_TableAndPageAtFrameZero_Translates()
    {
        var guest = new PaeGuest();
        guest[PaeGuest.PdeAddress(0x4000_0000)] = Used;
        guest[8 * 5] = Used;

        WalkResult result = guest.Walk(0x4000_5123, Access.UserWrite);

        Assert.False(result.IsFault);
        Assert.Equal(0x123u, result.PhysicalAddress);
    }

    // Misuse by the host.
    [Fact]
    public void Walk_EmptyMemory_ThrowsForMemory()
    {
        var registers = new ControlRegisters(CpuFeatures.Pae36);

        Assert.Equal(
            "memory",
            Assert.Throws<ArgumentException>(() => PageWalker.Walk([], in registers.State, 0, Access.UserRead)).ParamName);
    }
}
