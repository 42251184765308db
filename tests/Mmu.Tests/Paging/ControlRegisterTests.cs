using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Which writes of control registers and MSRs are legal (docs/rules.md, C72).</summary>
public sealed class ControlRegisterTests
{
    // C72. As after RESET.
    [Fact]
    public void Reset_AnyState_GivesTheArchitecturalValues()
    {
        var guest = new PaeGuest();
        guest.Registers.Cr2 = 0x1234;
        guest.Registers.WritePat(0);

        guest.Registers.Reset();

        ControlRegisters registers = guest.Registers;
        Assert.Equal(0x6000_0010u, (uint)registers.Cr0);
        Assert.Equal((0u, 0u, Cr4.None, Efer.None), (registers.Cr2, registers.Cr3, registers.Cr4, registers.Efer));
        Assert.Equal(0x0007_0406_0007_0406u, registers.Pat);
        Assert.Equal(new ulong[4], registers.Pdptes.ToArray());
        Assert.Equal(PagingMode.None, registers.State.Mode);
    }

    // C72. All combinations of PE, PG, NW, CD, WP with and without CET.
    [Fact]
    public void WriteCr0_EveryCombination_IsRefusedIfIllegal()
    {
        for (int i = 0; i < 64; i++)
        {
            bool pe = (i & 1) != 0, pg = (i & 2) != 0, nw = (i & 4) != 0, cd = (i & 8) != 0, wp = (i & 16) != 0, cet = (i & 32) != 0;
            var registers = new ControlRegisters(new CpuFeatures { OtherCr4 = Cr4.ControlFlowEnforcement });
            var bus = new SpanBus(new byte[4096]);
            registers.WriteCr0(0x1_0001, ref bus);
            Assert.NotNull(registers.WriteCr4(cet ? (uint)Cr4.ControlFlowEnforcement : 0, ref bus));
            uint value = (pe ? 1u : 0) | (pg ? 1u << 31 : 0) | (nw ? 1u << 29 : 0) | (cd ? 1u << 30 : 0) | (wp ? 1u << 16 : 0);

            bool refused = registers.WriteCr0(value, ref bus) is null;

            Assert.Equal((pg && !pe) || (nw && !cd) || (cet && !wp), refused);
            Assert.Equal(refused ? 0x1_0011 : value | 0x10, (uint)registers.Cr0);
        }
    }

    // C72. Reserved bits stay clear and ET reads as 1.
    [Fact]
    public void WriteCr0_ReservedBits_StayClear()
    {
        var registers = new ControlRegisters(CpuFeatures.Pae36);
        var bus = new SpanBus(new byte[4096]);

        Assert.NotNull(registers.WriteCr0(0x7FFF_FFFF, ref bus));
        Assert.Equal(0x6005_003Fu, (uint)registers.Cr0);
        Assert.NotNull(registers.WriteCr0(0, ref bus));
        Assert.Equal(0x0000_0010u, (uint)registers.Cr0);
    }

    // C72. Every bit of CR4, with every feature and with none.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WriteCr4_EachBit_IsRefusedUnlessEnumerated(bool all)
    {
        CpuFeatures features = all
            ? CpuFeatures.Full40
            : new CpuFeatures { MaxPhyAddr = 32, Pae = false, Pse = false, Pse36 = false, Pge = false, OtherCr4 = Cr4.None };
        const uint Paging = 0x0030_00B0;
        const uint Other = 0x0005_0F4F;
        for (int bit = 0; bit < 32; bit++)
        {
            var registers = new ControlRegisters(features);
            var bus = new SpanBus(new byte[4096]);
            bool legal = all && (((Paging | Other) >> bit) & 1) != 0;

            Assert.True(registers.WriteCr4(1u << bit, ref bus) is null == !legal, $"bit {bit}");
            Assert.Equal(legal ? 1u << bit : 0, (uint)registers.Cr4);
        }
    }

    // C72. PCIDE needs long mode, whatever CPUID says; CET needs WP.
    [Fact]
    public void WriteCr4_PcideOrCetWithoutWp_IsRefused()
    {
        var registers = new ControlRegisters(new CpuFeatures { OtherCr4 = Cr4.ControlFlowEnforcement | Cr4.ProtectionKeys });
        var bus = new SpanBus(new byte[4096]);

        Assert.Null(registers.WriteCr4((uint)Cr4.ProcessContextIdentifiers, ref bus));
        Assert.Null(registers.WriteCr4((uint)Cr4.ControlFlowEnforcement, ref bus));
        Assert.NotNull(registers.WriteCr4((uint)Cr4.ProtectionKeys, ref bus));
        registers.WriteCr0(0x1_0001, ref bus);
        Assert.NotNull(registers.WriteCr4((uint)Cr4.ControlFlowEnforcement, ref bus));
    }

    // C72. CR3 takes any value while no PDPTE is loaded.
    [Theory]
    [InlineData(0u)]
    [InlineData(0xFFFF_FFFFu)]
    public void WriteCr3_PagingOff_TakesAnyValue(uint value)
    {
        var registers = new ControlRegisters(CpuFeatures.Pae36);
        var bus = new SpanBus(new byte[4096]);

        Assert.Equal(Invalidation.NonGlobal, registers.WriteCr3(value, ref bus));
        Assert.False(registers.PdptesLoaded);
        Assert.Equal(value, registers.Cr3);
    }

    // C72. NXE needs NX; LME, LMA and what else lies beyond do not exist.
    [Fact]
    public void WriteEfer_EachBit_IsRefusedUnlessDefined()
    {
        for (int bit = 0; bit < 64; bit++)
        {
            var with = new ControlRegisters(CpuFeatures.Full40);
            var without = new ControlRegisters(CpuFeatures.Pae36);

            Assert.True(with.WriteEfer(1UL << bit) is null == bit is not (0 or 11), $"bit {bit}");
            Assert.True(without.WriteEfer(1UL << bit) is null == (bit != 0), $"bit {bit}");
            Assert.Equal(bit is 0 or 11 ? 1UL << bit : 0, (ulong)with.Efer);
            Assert.Equal(bit is 0 ? 1UL : 0, (ulong)without.Efer);
        }
    }

    // C72. Every encoding in every byte of PAT.
    [Fact]
    public void WritePat_EachEncodingInEachByte_IsRefusedIfReserved()
    {
        for (int shift = 0; shift < 64; shift += 8)
        {
            for (ulong type = 0; type < 256; type++)
            {
                var registers = new ControlRegisters(CpuFeatures.Pae36);
                ulong value = 0x0606_0606_0606_0606 & ~(0xFFUL << shift) | (type << shift);
                bool legal = type is 0 or 1 or 4 or 5 or 6 or 7;

                Assert.Equal(legal, registers.WritePat(value) is not null);
                Assert.Equal(legal ? value : ControlRegisters.PatAtReset, registers.Pat);
            }
        }
    }

    // C72. Without PAT there is no such register.
    [Fact]
    public void WritePat_ProcessorWithoutPat_IsRefused() =>
        Assert.Null(new ControlRegisters(new CpuFeatures { Pat = false }).WritePat(0));

    // Misuse by the host.
    [Theory]
    [InlineData(31)]
    [InlineData(53)]
    [InlineData(-1)]
    public void MaxPhyAddr_OutOfRange_Throws(int maxPhyAddr) =>
        Assert.Equal(
            "MaxPhyAddr",
            Assert.Throws<ArgumentOutOfRangeException>(() => new CpuFeatures { MaxPhyAddr = maxPhyAddr }).ParamName);

    // Misuse by the host: no processor has these features.
    [Fact]
    public void Constructor_ContradictoryFeatures_ThrowsForFeatures()
    {
        CpuFeatures[] contradictory =
        [
            new() { MaxPhyAddr = 32, Pae = false, Nx = true },
            new() { Pse = false, Pse36 = true },
            new() { MaxPhyAddr = 36, Pae = false, Pse36 = false },
            new() { OtherCr4 = Cr4.PhysicalAddressExtension },
            new() { OtherCr4 = Cr4.ProcessContextIdentifiers },
        ];

        foreach (CpuFeatures features in contradictory)
        {
            Assert.Equal("features", Assert.Throws<ArgumentException>(() => new ControlRegisters(features)).ParamName);
        }

        Assert.Equal("features", Assert.Throws<ArgumentNullException>(() => new ControlRegisters(null!)).ParamName);
    }
}
