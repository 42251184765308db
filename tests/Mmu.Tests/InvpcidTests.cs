using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests;

/// <summary>Operands that INVPCID refuses (Intel SDM vol. 2, INVPCID), and that INVLPG refuses none.</summary>
public sealed class InvpcidTests
{
    // C73.
    [Theory]
    [InlineData(0u, 0UL, 0UL, InstructionFault.None)]
    [InlineData(0u, 0UL, 0xFFFF_FFFFUL, InstructionFault.None)]
    [InlineData(0u, 0UL, 0x0000_7FFF_FFFF_FFFFUL, InstructionFault.None)]
    [InlineData(0u, 0UL, 0xFFFF_8000_0000_0000UL, InstructionFault.None)]
    [InlineData(0u, 0UL, 0x0000_8000_0000_0000UL, InstructionFault.GeneralProtection)]
    [InlineData(0u, 0UL, 0x0001_0000_0000_0000UL, InstructionFault.GeneralProtection)]
    [InlineData(0u, 1UL, 0UL, InstructionFault.GeneralProtection)]
    [InlineData(0u, 0x1000UL, 0UL, InstructionFault.GeneralProtection)]
    [InlineData(1u, 0UL, 0x0000_8000_0000_0000UL, InstructionFault.None)]
    [InlineData(1u, 1UL, 0UL, InstructionFault.GeneralProtection)]
    [InlineData(1u, 1UL << 63, 0UL, InstructionFault.GeneralProtection)]
    [InlineData(2u, 0xFFFUL, 0UL, InstructionFault.None)]
    [InlineData(2u, 0x1000UL, 0UL, InstructionFault.GeneralProtection)]
    [InlineData(3u, 0xFFFUL, 0UL, InstructionFault.None)]
    [InlineData(3u, 0x1000UL, 0UL, InstructionFault.GeneralProtection)]
    [InlineData(4u, 0UL, 0UL, InstructionFault.GeneralProtection)]
    [InlineData(0xFFFF_FFFFu, 0UL, 0UL, InstructionFault.GeneralProtection)]
    public void Invpcid_Operands_AreCheckedAsTheManualSays(uint type, ulong low, ulong high, InstructionFault expected)
    {
        var guest = new StaleGuest();

        Assert.Equal(expected, guest.Mmu.Invpcid(type, low, high));
    }

    // C73.
    [Fact]
    public void Invpcid_NotEnumerated_IsUndefined()
    {
        var mmu = new Mmu<RamBus, NoTiming>(new RamBus(new GuestMemory(0x1000)), default, CpuFeatures.Pae36);

        Assert.Equal(InstructionFault.UndefinedOpcode, mmu.Invpcid(4, 0, 0));
    }

    // C73.
    [Fact]
    public void Invpcid_Refused_DropsNothing()
    {
        var guest = new StaleGuest();
        guest.SetPte(0x5000, 0x1_0000 | StaleGuest.Flags);
        guest.FrameOf(0x5000);

        guest.SetPte(0x5000, 0);
        guest.Mmu.Invpcid(2, 0x1000, 0);

        Assert.Equal(0x1_0000UL, guest.FrameOf(0x5000));
    }

    // C73.
    [Fact]
    public void Invlpg_UnmappedAddress_SetsNoFlagAndRaisesNothing()
    {
        var guest = new StaleGuest();
        guest.SetPte(0x5000, 0x1_0001);

        guest.Mmu.Invlpg(0x5000);
        guest.Mmu.Invlpg(0xFFFF_FFFF);

        Assert.Equal(0x1_0001UL, guest.Pte(0x5000));
    }
}
