using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Reserved, ignored and meaningful bits of PAE entries (docs/rules.md, C05 to C14).</summary>
public sealed class EntryFormatTests
{
    private const uint Linear = 0x4060_3ABC;
    private const ulong Used = PaeGuest.Used;
    private const ulong Large = Used | 0x80;

    public static TheoryData<int, bool, bool> Processors()
    {
        var data = new TheoryData<int, bool, bool>();
        foreach (int maxPhyAddr in new[] { 32, 36, 40, 46, 52 })
        {
            data.Add(maxPhyAddr, false, false);
            data.Add(maxPhyAddr, false, true);
            data.Add(maxPhyAddr, true, false);
            data.Add(maxPhyAddr, true, true);
        }

        return data;
    }

    // C05, C10, C14, C22, C32. Every bit of a present PTE on its own.
    [Theory]
    [MemberData(nameof(Processors))]
    public void Walk_EachBitOfAPte_FaultsWithReservedIfReserved(int maxPhyAddr, bool nxe, bool pat)
    {
        PaeGuest guest = Guest(maxPhyAddr, nxe, pat);
        for (int bit = 1; bit < 64; bit++)
        {
            bool reserved = (bit == 63 && !nxe) || (bit is >= 52 and <= 62) || (bit >= maxPhyAddr && bit < 63) || (bit == 7 && !pat);
            guest.Map(Linear, 0x67 | (1UL << bit));

            AssertReserved(reserved, guest.Walk(Linear, Access.SupervisorRead), bit);
        }
    }

    // C05, C10, C14, C22, C32. Every bit of a PDE that points to a page table.
    [Theory]
    [MemberData(nameof(Processors))]
    public void Walk_EachBitOfATablePde_FaultsWithReservedIfReserved(int maxPhyAddr, bool nxe, bool pat)
    {
        PaeGuest guest = Guest(maxPhyAddr, nxe, pat);
        for (int bit = 1; bit < 64; bit++)
        {
            if (bit == 7)
            {
                continue;
            }

            bool reserved = (bit == 63 && !nxe) || (bit is >= 52 and <= 62) || (bit >= maxPhyAddr && bit < 63);
            guest.Map(Linear, Used, pdeFlags: Used | (1UL << bit));
            var bus = new SpanBus(guest.Memory, openBus: 0); // a table elsewhere is not present, not all ones

            AssertReserved(reserved, PageWalker.Walk(ref bus, in guest.Registers.State, Linear, Access.SupervisorRead), bit);
        }
    }

    // C05, C10, C13, C14, C22, C32. Every bit of a PDE that maps 2 MiB: bits 20:13 are reserved, bit 12 is PAT.
    [Theory]
    [MemberData(nameof(Processors))]
    public void Walk_EachBitOfALargePde_FaultsWithReservedIfReserved(int maxPhyAddr, bool nxe, bool pat)
    {
        PaeGuest guest = Guest(maxPhyAddr, nxe, pat);
        for (int bit = 1; bit < 64; bit++)
        {
            bool reserved = (bit == 63 && !nxe) || (bit is >= 52 and <= 62) || (bit >= maxPhyAddr && bit < 63)
                || (bit is >= 13 and <= 20) || (bit == 12 && !pat);
            guest.MapLarge(Linear, Large | (1UL << bit));

            AssertReserved(reserved, guest.Walk(Linear, Access.SupervisorRead), bit);
        }
    }

    // C05. The highest address bit of every width reaches the physical address.
    [Theory]
    [InlineData(32)]
    [InlineData(36)]
    [InlineData(40)]
    [InlineData(46)]
    [InlineData(52)]
    public void Walk_HighestAddressBit_ReachesThePhysicalAddress(int maxPhyAddr)
    {
        PaeGuest guest = Guest(maxPhyAddr, nxe: true, pat: true);
        ulong top = 1UL << (maxPhyAddr - 1);

        guest.Map(Linear, top | Used);
        Assert.Equal(top | 0xABC, guest.Walk(Linear, Access.UserRead).PhysicalAddress);

        guest.MapLarge(Linear, top | Large);
        Assert.Equal(top | (Linear & 0x1F_FFFF), guest.Walk(Linear, Access.UserRead).PhysicalAddress);
    }

    // C06. In an entry with P = 0 no other bit is looked at, on either level.
    [Fact]
    public void Walk_JunkInNotPresentEntry_IsNotPresent()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0xFFFF_FFFF_FFFF_FFFE);
        Assert.Equal(0x04u, (uint)guest.Walk(Linear, Access.UserRead).Fault.ErrorCode);

        guest.MapLarge(Linear, 0xFFFF_FFFF_FFFF_FFFE);
        Assert.Equal(0x04u, (uint)guest.Walk(Linear, Access.UserRead).Fault.ErrorCode);
    }

    // C11. 2-MiB pages do not depend on CR4.PSE.
    [Theory]
    [InlineData(Cr4.None)]
    [InlineData(Cr4.PageSizeExtensions)]
    public void Walk_LargePage_DoesNotDependOnPse(Cr4 pse)
    {
        var guest = new PaeGuest(cr4: pse);
        guest.MapLarge(Linear, 0x1234_0020_0000 & 0xFF_FFE0_0000 | Large);

        WalkResult result = guest.Walk(Linear, Access.UserRead);

        Assert.Equal((0x1234_0020_0000ul & 0xFF_FFE0_0000) | 0x3ABC, result.PhysicalAddress);
        Assert.True(result.Attributes.HasFlag(PageAttributes.Large));
    }

    // C12. AVL bits 11:9 everywhere, and bits 6 and 8 of a PDE that points to a table.
    [Fact]
    public void Walk_IgnoredBits_ChangeNothing()
    {
        var guest = new PaeGuest(cr4: Cr4.PageGlobalEnable);
        guest.Map(Linear, 0x9000 | Used);
        WalkResult plain = guest.Walk(Linear, Access.UserWrite);

        foreach (ulong ignored in new ulong[] { 0x200, 0x400, 0x800, 0x040, 0x100, 0xF40 })
        {
            guest.Map(Linear, 0x9000 | Used | (ignored & 0xE00), pdeFlags: 0x27 | ignored);
            Assert.Equal(plain, guest.Walk(Linear, Access.UserWrite));
            Assert.Equal(PaeGuest.Table | 0x27 | ignored, guest[PaeGuest.PdeAddress(Linear)]);
        }
    }

    // C12. Bits 11:9 of a PDPTE.
    [Fact]
    public void Walk_IgnoredBitsOfAPdpte_ChangeNothing()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x9000 | Used);
        guest[PaeGuest.Pdpt + 8] |= 0xE00;

        Assert.NotNull(guest.WriteCr3(PaeGuest.Pdpt));
        Assert.Equal(0x9ABCu, guest.Walk(Linear, Access.UserRead).PhysicalAddress);
    }

    // C13. Bit 12 of a 2-MiB PDE is PAT, not an address bit.
    [Fact]
    public void Walk_Bit12OfALargePde_IsPat()
    {
        var guest = new PaeGuest();
        guest.MapLarge(Linear, 0x60_1000 | Large);

        WalkResult result = guest.Walk(Linear, Access.UserRead);

        Assert.Equal(0x60_3ABCu, result.PhysicalAddress);
        Assert.True(result.Attributes.HasFlag(PageAttributes.Pat));
    }

    // C12. G, PAT, D, PCD and PWT come from the leaf only; the rights from all levels.
    [Fact]
    public void Walk_AttributesOfTheLeaf_DoNotComeFromTheDirectory()
    {
        var guest = new PaeGuest(cr4: Cr4.PageGlobalEnable);
        guest.Map(Linear, 0x9000 | 0x27, pdeFlags: 0x17F);
        Assert.Equal(PageAttributes.User | PageAttributes.Writable, guest.Walk(Linear, Access.UserRead).Attributes);

        guest.Map(Linear, 0x9000 | 0x1FF, pdeFlags: 0x27);
        Assert.Equal(
            PageAttributes.User | PageAttributes.Writable | PageAttributes.WriteThrough | PageAttributes.CacheDisable
                | PageAttributes.Pat | PageAttributes.Dirty | PageAttributes.Global,
            guest.Walk(Linear, Access.UserRead).Attributes);
    }

    // C54 (what the walk reports). G counts only while PGE is set.
    [Theory]
    [InlineData(Cr4.None, false)]
    [InlineData(Cr4.PageGlobalEnable, true)]
    public void Walk_GlobalLeaf_IsGlobalOnlyWithPge(Cr4 pge, bool global)
    {
        var guest = new PaeGuest(cr4: pge);
        guest.Map(Linear, 0x9000 | Used | 0x100);
        Assert.Equal(global, guest.Walk(Linear, Access.UserRead).Attributes.HasFlag(PageAttributes.Global));

        guest.MapLarge(Linear, Large | 0x100);
        Assert.Equal(global, guest.Walk(Linear, Access.UserRead).Attributes.HasFlag(PageAttributes.Global));
    }

    private static PaeGuest Guest(int maxPhyAddr, bool nxe, bool pat) =>
        new(new CpuFeatures { MaxPhyAddr = maxPhyAddr, Nx = true, Pat = pat }, nxe: nxe);

    private static void AssertReserved(bool reserved, WalkResult result, int bit)
    {
        bool reported = result.IsFault && result.Fault.ErrorCode == (PageFaultErrorCode.Reserved | PageFaultErrorCode.Present);
        Assert.True(reported == reserved, $"bit {bit}: {result}");
    }
}
