using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>When the PDPTE registers are loaded, what is refused, and that they are not read again (docs/rules.md, C03 to C09).</summary>
public sealed class PdpteLoadTests
{
    private const Cr0 On = Cr0.Paging | Cr0.ProtectionEnable | Cr0.WriteProtect;
    private const Cr4 Pae = Cr4.PhysicalAddressExtension;

    // C03 (L1). Always, even if the value does not change.
    [Fact]
    public void WriteCr3_SameValueWithPae_Loads()
    {
        var guest = new PaeGuest();
        guest[PaeGuest.Pdpt] = 0x7_7001;

        Assert.Equal((Invalidation.NonGlobal, true), guest.Effect(guest.WriteCr3(PaeGuest.Pdpt)));
        Assert.Equal(0x7_7001u, guest.Registers.Pdptes[0]);
    }

    // C03 (L1). Without PAE paging in use CR3 is just stored; a bad table shows only later.
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void WriteCr3_PaePagingNotInUse_DoesNotLoad(bool paging, bool pae)
    {
        var guest = new PaeGuest();
        guest.WriteCr4(pae ? Pae : Cr4.None);
        guest.WriteCr0(paging ? On : Cr0.ProtectionEnable);
        guest[0x8000] = 0x1E7;

        Invalidation? dropped = guest.WriteCr3(0x8000);

        Assert.Equal((Invalidation.NonGlobal, false), guest.Effect(dropped));
        Assert.Equal(0x8000u, guest.Registers.Cr3);
        Assert.Equal(0x2001u, guest.Registers.Pdptes[0]);
    }

    // C03 (L2). CD, NW and PG, and no other bit of CR0.
    [Fact]
    public void WriteCr0_EachBitToggled_LoadsOnCdNwPgAlone()
    {
        Cr0[] triggers = [Cr0.CacheDisable, Cr0.NotWriteThrough | Cr0.CacheDisable];
        Cr0[] others =
        [
            Cr0.WriteProtect, Cr0.AlignmentMask, Cr0.TaskSwitched, Cr0.Emulation, Cr0.MonitorCoprocessor, Cr0.NumericError, Cr0.None,
        ];

        foreach (Cr0 bit in triggers)
        {
            var guest = new PaeGuest();
            Assert.True(guest.Effect(guest.WriteCr0(On ^ bit)).PdptesLoaded, $"{bit} set");
            Assert.True(guest.Effect(guest.WriteCr0(On)).PdptesLoaded, $"{bit} cleared");
        }

        foreach (Cr0 bit in others)
        {
            var guest = new PaeGuest();
            guest[PaeGuest.Pdpt] = 0x1E7;
            Assert.Equal((Invalidation.None, false), guest.Effect(guest.WriteCr0(On ^ bit)));
            Assert.Equal((Invalidation.None, false), guest.Effect(guest.WriteCr0(On)));
        }
    }

    // C03 (L2). NW alone: from CD and NW set to CD set.
    [Fact]
    public void WriteCr0_NwAloneChanges_Loads()
    {
        var guest = new PaeGuest();
        guest.WriteCr0(On | Cr0.CacheDisable | Cr0.NotWriteThrough);

        Assert.True(guest.Effect(guest.WriteCr0(On | Cr0.CacheDisable)).PdptesLoaded);
    }

    // C03 (L2). PG 0 -> 1 loads from the current CR3; PG 1 -> 0 does not load.
    [Fact]
    public void WriteCr0_PagingToggled_LoadsOnlyWhenPagingStarts()
    {
        var guest = new PaeGuest();
        guest[PaeGuest.Pdpt] = 0x7_7001;

        Assert.Equal((Invalidation.All, false), guest.Effect(guest.WriteCr0(Cr0.ProtectionEnable)));
        Assert.Equal(0x2001u, guest.Registers.Pdptes[0]);
        Assert.True(guest.Effect(guest.WriteCr0(On)).PdptesLoaded);
        Assert.Equal(0x7_7001u, guest.Registers.Pdptes[0]);
    }

    // C03 (L2). CD and NW changing while PAE paging is not in use.
    [Fact]
    public void WriteCr0_CacheDisableWithTwoLevelPaging_DoesNotLoad()
    {
        var guest = new PaeGuest();
        guest.WriteCr4(Cr4.None);

        Assert.False(guest.Effect(guest.WriteCr0(On | Cr0.CacheDisable)).PdptesLoaded);
    }

    // C03 (L3). PAE, PGE, PSE and SMEP, and no other bit of CR4.
    [Theory]
    [InlineData(Cr4.PageGlobalEnable, true, Invalidation.All, Invalidation.All)]
    [InlineData(Cr4.PageSizeExtensions, true, Invalidation.None, Invalidation.None)]
    [InlineData(Cr4.SupervisorExecutionPrevention, true, Invalidation.All, Invalidation.None)]
    [InlineData(Cr4.SupervisorAccessPrevention, false, Invalidation.None, Invalidation.None)]
    [InlineData(Cr4.OsFxsr, false, Invalidation.None, Invalidation.None)]
    [InlineData(Cr4.DebuggingExtensions, false, Invalidation.None, Invalidation.None)]
    [InlineData(Cr4.MachineCheckEnable, false, Invalidation.None, Invalidation.None)]
    [InlineData(Cr4.Virtual8086Extensions, false, Invalidation.None, Invalidation.None)]
    [InlineData(Cr4.OsXsave, false, Invalidation.None, Invalidation.None)]
    [InlineData(Cr4.None, false, Invalidation.None, Invalidation.None)]
    public void WriteCr4_EachBitToggled_LoadsOnItsTriggersAlone(Cr4 bit, bool loads, Invalidation onSet, Invalidation onClear)
    {
        var guest = new PaeGuest();

        Assert.Equal((onSet, loads), guest.Effect(guest.WriteCr4(Pae | bit)));
        Assert.Equal((onClear, loads), guest.Effect(guest.WriteCr4(Pae)));
    }

    // C03. With paging off nothing in CR4 loads.
    [Fact]
    public void WriteCr4_PagingOff_DoesNotLoad()
    {
        var guest = new PaeGuest();
        guest.WriteCr0(Cr0.ProtectionEnable);

        Assert.False(guest.Effect(guest.WriteCr4(Pae | Cr4.PageGlobalEnable | Cr4.PageSizeExtensions)).PdptesLoaded);
        Assert.False(guest.Effect(guest.WriteCr4(Cr4.None)).PdptesLoaded);
        Assert.False(guest.Effect(guest.WriteCr4(Pae)).PdptesLoaded);
    }

    // C03. WRMSR to EFER and PAT, and A20M#, load nothing.
    [Fact]
    public void WriteMsr_WithPae_DoesNotLoad()
    {
        var guest = new PaeGuest();
        guest[PaeGuest.Pdpt] = 0x1E7;

        Assert.Equal((Invalidation.None, false), guest.Effect(guest.Registers.WriteEfer(0)));
        Assert.Equal((Invalidation.None, false), guest.Effect(guest.Registers.WritePat(0)));
        guest.Registers.A20Masked = true;
        Assert.Equal(0x2001u, guest.Registers.Pdptes[0]);
    }

    // C03. The triggers are an option: a 2009 manual knows transitions into PAE paging only.
    [Fact]
    public void WriteCr0AndCr4_NarrowedTriggers_LoadOnlyOnThese()
    {
        var options = new PagingOptions { PdpteReloadCr0 = Cr0.Paging, PdpteReloadCr4 = Pae };
        var guest = new PaeGuest(options: options);

        Assert.False(guest.Effect(guest.WriteCr0(On | Cr0.CacheDisable)).PdptesLoaded);
        Assert.False(guest.Effect(guest.WriteCr4(Pae | Cr4.PageGlobalEnable)).PdptesLoaded);
        Assert.False(guest.Effect(guest.WriteCr4(Cr4.None)).PdptesLoaded);
        Assert.True(guest.Effect(guest.WriteCr4(Pae)).PdptesLoaded);
    }

    // C04. A bad entry anywhere among the four leaves all four registers as they were.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void WriteCr3_OneOfFourEntriesBad_CommitsNone(int bad)
    {
        var guest = new PaeGuest();
        ulong[] before = guest.Registers.Pdptes.ToArray();
        for (uint i = 0; i < 4; i++)
        {
            guest[0x8000 + (8 * i)] = 0x7_7001u | (i == bad ? 2u : 0);
        }

        Assert.Null(guest.WriteCr3(0x8000));
        Assert.Equal(before, guest.Registers.Pdptes.ToArray());
    }

    // C05. Bits 63:M, 8:5 and 2:1 are reserved, one by one; all others are not.
    [Theory]
    [InlineData(32)]
    [InlineData(36)]
    [InlineData(40)]
    [InlineData(46)]
    [InlineData(52)]
    public void WriteCr3_EachBitOfAPresentPdpte_IsRefusedIfReserved(int maxPhyAddr)
    {
        var guest = new PaeGuest(new CpuFeatures { MaxPhyAddr = maxPhyAddr, Nx = true });
        for (int bit = 1; bit < 64; bit++)
        {
            bool reserved = bit is 1 or 2 or 5 or 6 or 7 or 8 || bit >= maxPhyAddr;
            guest[PaeGuest.Pdpt + 16] = 1 | (1UL << bit);

            Assert.True(guest.WriteCr3(PaeGuest.Pdpt) is null == reserved, $"bit {bit}");
        }
    }

    // C06. An entry that is not present may hold anything.
    [Fact]
    public void WriteCr3_JunkInNotPresentPdpte_IsAccepted()
    {
        var guest = new PaeGuest();
        guest[PaeGuest.Pdpt + 8] = 0xFFFF_FFFF_FFFF_FFFE;

        Assert.NotNull(guest.WriteCr3(PaeGuest.Pdpt));
        Assert.Equal(new PageFault(PageFaultErrorCode.None, 0x4000_0123), guest.Walk(0x4000_0123, Access.SupervisorRead).Fault);
    }

    // C06. Some processors check it nevertheless.
    [Theory]
    [InlineData(0xFFFF_FFFF_FFFF_FFFEul, true)]
    [InlineData(0x0000_0000_0000_0002ul, true)]
    [InlineData(0x8000_0000_0000_0000ul, true)]
    [InlineData(0x0000_00FF_FFFF_FE18ul, false)]
    public void WriteCr3_NotPresentPdpteOnAProcessorThatChecks_IsRefusedIfReserved(ulong entry, bool refused)
    {
        var guest = new PaeGuest(options: new PagingOptions { CheckReservedInNotPresentPdpte = true });
        guest[PaeGuest.Pdpt + 8] = entry;

        Assert.Equal(refused, guest.WriteCr3(PaeGuest.Pdpt) is null);
    }

    // C07. Nothing changes and nothing is invalidated, whichever register was written.
    [Fact]
    public void WriteControlRegister_BadPdpte_ChangesNothing()
    {
        var guest = new PaeGuest();
        guest.Map(0x0000_1000, 0x9000 | PaeGuest.Used);
        ulong[] before = guest.Registers.Pdptes.ToArray();
        guest[PaeGuest.Pdpt + 24] = 0x21;
        guest[0x8000] = 0x21;

        Assert.Equal((null, false), guest.Effect(guest.WriteCr0(On | Cr0.CacheDisable)));
        Assert.Equal((null, false), guest.Effect(guest.WriteCr3(0x8000)));
        Assert.Equal((null, false), guest.Effect(guest.WriteCr4(Pae | Cr4.PageGlobalEnable)));
        Assert.Equal(On | Cr0.ExtensionType, guest.Registers.Cr0);
        Assert.Equal(PaeGuest.Pdpt, guest.Registers.Cr3);
        Assert.Equal(Pae, guest.Registers.Cr4);
        Assert.Equal(before, guest.Registers.Pdptes.ToArray());
        Assert.Equal(0x9234u, guest.Walk(0x0000_1234, Access.UserRead).PhysicalAddress);
    }

    // C07. Paging does not start, and PAE paging is not entered, over a bad table.
    [Fact]
    public void WriteControlRegister_BadPdpteWhenPaePagingStarts_DoesNotStart()
    {
        var guest = new PaeGuest();
        guest.WriteCr0(Cr0.ProtectionEnable);
        guest[PaeGuest.Pdpt] = 0x21;

        Assert.Null(guest.WriteCr0(On));
        Assert.Equal(PagingMode.None, guest.Registers.State.Mode);

        guest.WriteCr4(Cr4.None);
        Assert.NotNull(guest.WriteCr0(On));
        Assert.Null(guest.WriteCr4(Pae));
        Assert.Equal(PagingMode.TwoLevel, guest.Registers.State.Mode);
    }

    // C08. There is no XD in a PDPTE.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WriteCr3_Bit63OfPdpte_IsReservedWhateverNxe(bool nxe)
    {
        var guest = new PaeGuest(nxe: nxe);
        guest[PaeGuest.Pdpt] = 0x8000_0000_0000_2001;

        Assert.Null(guest.WriteCr3(PaeGuest.Pdpt));
    }

    // C09. Edits in memory, P 0 -> 1 included, wait for the next load.
    [Fact]
    public void Walk_PdptEditedInMemory_SeesTheRegisters()
    {
        var guest = new PaeGuest();
        guest[PaeGuest.Pdpt + 8] = 0;
        guest.WriteCr3(PaeGuest.Pdpt);
        guest.Map(0x0000_1000, 0x9000 | PaeGuest.Used);
        guest.Map(0x4000_1000, 0x9000 | PaeGuest.Used);

        guest[PaeGuest.Pdpt] = 0;
        guest[PaeGuest.Pdpt + 8] = 0x3001;

        Assert.False(guest.Walk(0x0000_1000, Access.UserRead).IsFault);
        Assert.True(guest.Walk(0x4000_1000, Access.UserRead).IsFault);
        guest.WriteCr3(PaeGuest.Pdpt);
        Assert.True(guest.Walk(0x0000_1000, Access.UserRead).IsFault);
        Assert.False(guest.Walk(0x4000_1000, Access.UserRead).IsFault);
    }

    // C03, C07. Walk on demand: a bad table is no reason to refuse a write.
    [Fact]
    public void WriteCr3_BadPdpteWithWalkOnDemand_IsAccepted()
    {
        var guest = new PaeGuest(options: new PagingOptions { PdpteMode = PdpteMode.WalkOnDemand });
        guest[PaeGuest.Pdpt] = 0x1E7;

        Assert.Equal((Invalidation.NonGlobal, false), guest.Effect(guest.WriteCr3(PaeGuest.Pdpt)));
    }

    // C09. Walk on demand: an edit is visible at once, and a reserved bit is a page fault with RSVD at use.
    [Theory]
    [InlineData(0x2001ul, null)]
    [InlineData(0x2000ul, 0x04u)]
    [InlineData(0x2003ul, 0x0Du)]
    [InlineData(0x2021ul, 0x0Du)]
    [InlineData(0x8000_0000_0000_2001ul, 0x0Du)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFEul, 0x04u)]
    public void Walk_OnDemand_ReadsThePdpteFromMemory(ulong pdpte, uint? errorCode)
    {
        var guest = new PaeGuest(options: new PagingOptions { PdpteMode = PdpteMode.WalkOnDemand });
        guest.Map(0x0000_1000, 0x9000 | PaeGuest.Used);
        guest[PaeGuest.Pdpt] = pdpte;

        WalkResult result = guest.Walk(0x0000_1234, Access.UserRead);

        Assert.Equal(errorCode, result.IsFault ? (uint)result.Fault.ErrorCode : null);
        Assert.Equal(pdpte, guest[PaeGuest.Pdpt]); // no A bit is written to it
    }

    // C09. The table may be at any multiple of 32 bytes.
    [Fact]
    public void Walk_OnDemand_TableInsideAPage_IsFound()
    {
        var guest = new PaeGuest(options: new PagingOptions { PdpteMode = PdpteMode.WalkOnDemand });
        guest.Map(0x4000_1000, 0x9000 | PaeGuest.Used);
        guest[PaeGuest.Pdpt + 8] = 0;
        guest[PaeGuest.Pdpt + 0xFE0 + 8] = 0x3001;
        Assert.True(guest.Walk(0x4000_1234, Access.UserRead).IsFault);

        guest.WriteCr3(PaeGuest.Pdpt + 0xFE0);

        Assert.Equal(0x9234ul, guest.Walk(0x4000_1234, Access.UserRead).PhysicalAddress);
    }

    // C06. The registers hold even what was read past the end of memory: open bus, FFh, has P and reserved bits.
    [Fact]
    public void WriteCr3_TableInAHole_IsRefused()
    {
        var guest = new PaeGuest();

        Assert.Null(guest.WriteCr3(0x8000_0000));

        var zeroBus = new SpanBus(guest.Memory, openBus: 0);
        Assert.NotNull(guest.Registers.WriteCr3(0x8000_0000, ref zeroBus));
        Assert.Equal(new ulong[4], guest.Registers.Pdptes.ToArray());
    }
}
