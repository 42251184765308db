using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>LMSW and CLTS: the low bits of CR0, and never a paging event (docs/rules.md, C72).</summary>
public sealed class MachineStatusWordTests
{
    // C72. LMSW writes MP, EM and TS, and can set PE but not clear it; nothing else of CR0 moves.
    [Theory]
    [InlineData(0u)]
    [InlineData(0xFu)]
    [InlineData(0x8005_003Fu)]
    [InlineData(0xE005_0031u)]
    public void LoadMachineStatusWord_AnyOperand_WritesMpEmTsAndSetsPe(uint before)
    {
        for (uint operand = 0; operand <= 0xFFFF; operand += 0x0FFD) // every value of the low four bits
        {
            var bus = new SpanBus(new byte[4096]);
            var registers = new ControlRegisters(CpuFeatures.Pae36);
            Assert.NotNull(registers.WriteCr0(before, ref bus));
            uint others = (uint)registers.Cr0 & ~0xFu;

            registers.LoadMachineStatusWord((ushort)operand);

            Assert.Equal(others | (operand & 0xE) | ((before | operand) & 1), (uint)registers.Cr0);
        }
    }

    [Fact]
    public void ClearTaskSwitched_AnyCr0_ClearsTsAlone()
    {
        foreach (uint before in new[] { 0x8005_003Fu, 0x8005_0037u, 0x0000_0008u, 0x0000_0000u })
        {
            var bus = new SpanBus(new byte[4096]);
            var registers = new ControlRegisters(CpuFeatures.Pae36);
            Assert.NotNull(registers.WriteCr0(before, ref bus));

            registers.ClearTaskSwitched();

            Assert.Equal((before | 0x10) & ~8u, (uint)registers.Cr0);
        }
    }

    // C03, C72. Neither loads PDPTEs, not even bad ones.
    [Fact]
    public void LoadMachineStatusWordAndClearTaskSwitched_BadPdptes_DoNotLoadThem()
    {
        var guest = new PaeGuest();
        guest.Map(0x1000, 0x9000 | PaeGuest.Used);
        guest[PaeGuest.Pdpt] = ulong.MaxValue;

        guest.Registers.LoadMachineStatusWord(0xF);
        guest.Registers.ClearTaskSwitched();

        Assert.Equal(0x2001u, guest.Registers.Pdptes[0]);
        Assert.Equal(0x9000u, guest.Walk(0x1000, Access.UserRead).PhysicalAddress);
    }
}
