using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Which kind of paging is in use, and where its tables are.</summary>
public sealed class ModeSelectionTests
{
    // C01. CR0.PG and CR4.PAE decide; LME cannot be set (Intel SDM vol. 3, 4.1.1).
    [Theory]
    [InlineData(0x0000_0001u, 0x00u, PagingMode.None)]
    [InlineData(0x0000_0001u, 0x20u, PagingMode.None)]
    [InlineData(0x8000_0001u, 0x00u, PagingMode.TwoLevel)]
    [InlineData(0x8000_0001u, 0x20u, PagingMode.Pae)]
    public void State_OfCr0AndCr4_SelectsTheMode(uint cr0, uint cr4, PagingMode mode)
    {
        var registers = new ControlRegisters(CpuFeatures.Full40);
        var bus = new SpanBus(new byte[4096]);
        registers.WriteCr4(cr4, ref bus);
        registers.WriteCr0(cr0, ref bus);

        Assert.Equal(mode, registers.State.Mode);
    }

    // C80. CR4.PSE decides about 4-MiB pages; with PAE there are large pages whatever it says.
    [Theory]
    [InlineData(0x00u, false)]
    [InlineData(0x10u, true)]
    [InlineData(0x20u, true)]
    [InlineData(0x30u, true)]
    public void State_OfCr4_SaysWhetherThereAreLargePages(uint cr4, bool largePages)
    {
        var registers = new ControlRegisters(CpuFeatures.Full40);
        var bus = new SpanBus(new byte[4096]);
        registers.WriteCr4(cr4, ref bus);

        Assert.Equal(largePages, registers.State.LargePages);
    }

    // C01.
    [Fact]
    public void WriteCr4_PaeToggledWithPagingOn_SwitchesTheMode()
    {
        var guest = new PaeGuest();

        Assert.Equal(Invalidation.All, guest.WriteCr4(Cr4.None));
        Assert.Equal(PagingMode.TwoLevel, guest.Registers.State.Mode);
        Assert.Equal((Invalidation.All, true), guest.Effect(guest.WriteCr4(Cr4.PhysicalAddressExtension)));
        Assert.Equal(PagingMode.Pae, guest.Registers.State.Mode);
    }

    // C01. With PG = 0 nothing of CR4, CR3 or EFER matters, and no access faults.
    [Theory]
    [InlineData(0x0000_0000u)]
    [InlineData(0x1234_5678u)]
    [InlineData(0xFFFF_FFFFu)]
    public void Walk_PagingOff_IsTheIdentity(uint linear)
    {
        var guest = new PaeGuest(cr4: Cr4.SupervisorExecutionPrevention | Cr4.SupervisorAccessPrevention);
        guest.WriteCr0(Cr0.ProtectionEnable | Cr0.WriteProtect);

        foreach (ProductAccess access in ProductAccess.All)
        {
            WalkResult result = guest.Walk(linear, access.Access);

            Assert.False(result.IsFault);
            Assert.Equal(linear, result.PhysicalAddress);
        }
    }

    // C01. A20M# forces physical address bit 20 to 0, paging or not.
    [Fact]
    public void Walk_PagingOffAndA20Masked_ClearsBit20()
    {
        var registers = new ControlRegisters(CpuFeatures.Pae36) { A20Masked = true };

        Assert.Equal(0xFFEF_FFFFu, PageWalker.Walk(new byte[8], in registers.State, 0xFFFF_FFFF, Access.UserRead).PhysicalAddress);
        registers.A20Masked = false;
        Assert.Equal(0xFFFF_FFFFu, PageWalker.Walk(new byte[8], in registers.State, 0xFFFF_FFFF, Access.UserRead).PhysicalAddress);
    }

    // C01. The mask applies to directory, table and page alike, and to the load of the PDPTEs.
    [Fact]
    public void Walk_PaeAndA20Masked_ClearsBit20OfEveryAddress()
    {
        var guest = new PaeGuest();
        guest.Registers.A20Masked = true;
        guest[PaeGuest.Pdpt] = 0x10_2001;
        guest.Map(0x0000_1000, 0x1F_F000 | PaeGuest.Used);
        guest[PaeGuest.PdeAddress(0x1000)] = 0x10_0000 | PaeGuest.Table | PaeGuest.Used;

        Assert.NotNull(guest.WriteCr3(0x10_0000 | PaeGuest.Pdpt));
        Assert.Equal(0x10_2001u, guest.Registers.Pdptes[0]);
        Assert.Equal(0x0F_F234u, guest.Walk(0x0000_1234, Access.UserRead).PhysicalAddress);
    }

    // C02. CR3 bits 4:0, PCD and PWT among them, are ignored with PAE.
    [Fact]
    public void WriteCr3_LowBitsWithPae_AreKeptAndIgnored()
    {
        var guest = new PaeGuest();
        guest.Map(0x0000_1000, 0x9000 | PaeGuest.Used);

        for (uint low = 0; low < 32; low++)
        {
            Assert.NotNull(guest.WriteCr3(PaeGuest.Pdpt | low));
            Assert.Equal(PaeGuest.Pdpt | low, guest.Registers.Cr3);
            Assert.Equal(0x2001u, guest.Registers.Pdptes[0]);
            Assert.Equal(0x9234u, guest.Walk(0x0000_1234, Access.UserRead).PhysicalAddress);
        }
    }

    // C02. The table has a granularity of 32 bytes; FE0h is the last in a page.
    [Theory]
    [InlineData(0x000u)]
    [InlineData(0x020u)]
    [InlineData(0xE00u)]
    [InlineData(0xFE0u)]
    public void WriteCr3_TableAnywhereInAPage_LoadsFourEntriesFromThere(uint offset)
    {
        var guest = new PaeGuest();
        for (uint i = 0; i < 4; i++)
        {
            guest[0x8000 + offset + (8 * i)] = 0xA_B000 + (0x1000 * i) + 1;
        }

        guest.WriteCr3(0x8000 + offset);

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(0xA_B001u + (0x1000u * (uint)i), guest.Registers.Pdptes[i]);
        }
    }

    // C02. The walk chooses the PDPTE by linear address bits 31:30.
    [Theory]
    [InlineData(0x0000_1000u, 0)]
    [InlineData(0x3FFF_F000u, 0)]
    [InlineData(0x4000_0000u, 1)]
    [InlineData(0xBFFF_F000u, 2)]
    [InlineData(0xC000_0000u, 3)]
    [InlineData(0xFFFF_F000u, 3)]
    public void Walk_AnyGibibyte_UsesItsPdpte(uint linear, uint index)
    {
        var guest = new PaeGuest();
        ulong directory = 0x2000 + (0x1000 * index);
        guest[directory + (8 * ((linear >> 21) & 0x1FF))] = PaeGuest.Table | PaeGuest.Used;
        guest[PaeGuest.Table + (8 * ((linear >> 12) & 0x1FF))] = 0xA_B000 | PaeGuest.Used;

        Assert.Equal(0xA_B000u, guest.Walk(linear, Access.UserRead).PhysicalAddress);
    }
}
