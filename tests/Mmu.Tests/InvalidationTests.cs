using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests;

/// <summary>The invalidation matrix (Intel SDM vol. 3, 4.10.4.1), row by row: what is dropped, and that the rest is kept.</summary>
public sealed class InvalidationTests
{
    private const uint Linear = 0x5000;
    private const uint GlobalLinear = 0x6000;
    private const uint PdeLinear = 0x7000;
    private const ulong Old = 0x1_0000;
    private const ulong New = 0x2_0000;

    // C51, C53.
    [Theory]
    [InlineData(nameof(Operation.None), true, true, true)]
    [InlineData(nameof(Operation.MovCr3), false, true, false)]
    [InlineData(nameof(Operation.RefusedMovCr3), true, true, true)]
    [InlineData(nameof(Operation.PagingOffAndOn), false, false, false)]
    [InlineData(nameof(Operation.WriteProtectToggle), true, true, true)]
    [InlineData(nameof(Operation.CacheDisableToggle), true, true, true)]
    [InlineData(nameof(Operation.PgeToggle), false, false, false)]
    [InlineData(nameof(Operation.PaeToggle), false, false, false)]
    [InlineData(nameof(Operation.SmepSet), false, false, false)]
    [InlineData(nameof(Operation.SmapSet), true, true, true)]
    [InlineData(nameof(Operation.PseSet), true, true, true)]
    [InlineData(nameof(Operation.Invlpg), false, true, false)]
    [InlineData(nameof(Operation.InvlpgOfGlobal), true, false, false)]
    [InlineData(nameof(Operation.InvlpgElsewhere), true, true, false)]
    [InlineData(nameof(Operation.InvpcidAddress), false, true, false)]
    [InlineData(nameof(Operation.InvpcidAddressOfGlobal), true, true, false)]
    [InlineData(nameof(Operation.InvpcidAddressElsewhere), true, true, true)]
    [InlineData(nameof(Operation.InvpcidAddressAbove4GiB), true, true, true)]
    [InlineData(nameof(Operation.InvpcidSingleContext), false, true, false)]
    [InlineData(nameof(Operation.InvpcidAll), false, false, false)]
    [InlineData(nameof(Operation.InvpcidAllButGlobal), false, true, false)]
    [InlineData(nameof(Operation.TaskSwitch), false, true, false)]
    [InlineData(nameof(Operation.TaskSwitchToSameCr3), true, true, true)]
    [InlineData(nameof(Operation.WritePat), true, true, true)]
    [InlineData(nameof(Operation.WriteEfer), true, true, true)]
    [InlineData(nameof(Operation.A20Toggle), false, false, false)]
    [InlineData(nameof(Operation.FlushAll), false, false, false)]
    [InlineData(nameof(Operation.FlushNonGlobal), false, true, false)]
    public void Operation_StaleEntries_DropsWhatItsRowSays(string operation, bool keepsPage, bool keepsGlobal, bool keepsPde)
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Old | StaleGuest.Flags);
        guest.SetPte(GlobalLinear, Old | StaleGuest.Flags | StaleGuest.Global);
        guest.SetPte(PdeLinear, Old | StaleGuest.Flags);
        guest.FrameOf(Linear);
        guest.FrameOf(GlobalLinear);
        guest.SetPte(Linear, New | StaleGuest.Flags, StaleGuest.OtherTable);
        guest.SetPte(GlobalLinear, New | StaleGuest.Flags, StaleGuest.OtherTable);
        guest.SetPte(PdeLinear, New | StaleGuest.Flags, StaleGuest.OtherTable);
        guest.SetPde(StaleGuest.OtherTable | StaleGuest.Flags);

        Perform(Enum.Parse<Operation>(operation), guest);

        // Whether the PDE is kept shows in a page that has not been used yet; it must be looked at before its neighbours.
        Assert.Equal(keepsPde ? Old : New, guest.FrameOf(PdeLinear));
        Assert.Equal(keepsPage ? Old : New, guest.FrameOf(Linear));
        Assert.Equal(keepsGlobal ? Old : New, guest.FrameOf(GlobalLinear));
    }

    private enum Operation
    {
        None,
        MovCr3,
        RefusedMovCr3,
        PagingOffAndOn,
        WriteProtectToggle,
        CacheDisableToggle,
        PgeToggle,
        PaeToggle,
        SmepSet,
        SmapSet,
        PseSet,
        Invlpg,
        InvlpgOfGlobal,
        InvlpgElsewhere,
        InvpcidAddress,
        InvpcidAddressOfGlobal,
        InvpcidAddressElsewhere,
        InvpcidAddressAbove4GiB,
        InvpcidSingleContext,
        InvpcidAll,
        InvpcidAllButGlobal,
        TaskSwitch,
        TaskSwitchToSameCr3,
        WritePat,
        WriteEfer,
        A20Toggle,
        FlushAll,
        FlushNonGlobal,
    }

    private static void Perform(Operation operation, StaleGuest guest)
    {
        Mmu<RamBus, NoTiming> mmu = guest.Mmu;
        var cr0 = (uint)mmu.Cr0;
        var cr4 = (uint)mmu.Cr4;
        switch (operation)
        {
            case Operation.MovCr3:
                Assert.True(mmu.WriteCr3(mmu.Cr3));
                break;
            case Operation.RefusedMovCr3:
                Assert.False(mmu.WriteCr3(0x3028)); // a table entry with R/W set is no PDPTE
                break;
            case Operation.PagingOffAndOn:
                Assert.True(mmu.WriteCr0(cr0 & ~(uint)Cr0.Paging) && mmu.WriteCr0(cr0));
                break;
            case Operation.WriteProtectToggle:
                Assert.True(mmu.WriteCr0(cr0 ^ (uint)Cr0.WriteProtect));
                break;
            case Operation.CacheDisableToggle:
                Assert.True(mmu.WriteCr0(cr0 ^ (uint)Cr0.CacheDisable));
                break;
            case Operation.PgeToggle:
                Assert.True(mmu.WriteCr4(cr4 ^ (uint)Cr4.PageGlobalEnable));
                break;
            case Operation.PaeToggle:
                uint pae = (uint)Cr4.PhysicalAddressExtension;
                Assert.True(mmu.WriteCr4(cr4 & ~pae) && mmu.WriteCr4(cr4));
                break;
            case Operation.SmepSet:
                Assert.True(mmu.WriteCr4(cr4 | (uint)Cr4.SupervisorExecutionPrevention));
                break;
            case Operation.SmapSet:
                Assert.True(mmu.WriteCr4(cr4 | (uint)Cr4.SupervisorAccessPrevention));
                break;
            case Operation.PseSet:
                Assert.True(mmu.WriteCr4(cr4 | (uint)Cr4.PageSizeExtensions));
                break;
            case Operation.Invlpg:
                mmu.Invlpg(Linear + 0xFFF);
                break;
            case Operation.InvlpgOfGlobal:
                mmu.Invlpg(GlobalLinear);
                break;
            case Operation.InvlpgElsewhere:
                mmu.Invlpg(0xC000_0000);
                break;
            case Operation.InvpcidAddress:
                Assert.Equal(InstructionFault.None, mmu.Invpcid(0, 0, Linear));
                break;
            case Operation.InvpcidAddressOfGlobal:
                Assert.Equal(InstructionFault.None, mmu.Invpcid(0, 0, GlobalLinear));
                break;
            case Operation.InvpcidAddressElsewhere:
                Assert.Equal(InstructionFault.None, mmu.Invpcid(0, 0, 0xC000_0000));
                break;
            case Operation.InvpcidAddressAbove4GiB:
                Assert.Equal(InstructionFault.None, mmu.Invpcid(0, 0, 0x1_0000_0000 + Linear));
                break;
            case Operation.InvpcidSingleContext:
                Assert.Equal(InstructionFault.None, mmu.Invpcid(1, 0, 0));
                break;
            case Operation.InvpcidAll:
                Assert.Equal(InstructionFault.None, mmu.Invpcid(2, 0, 0));
                break;
            case Operation.InvpcidAllButGlobal:
                Assert.Equal(InstructionFault.None, mmu.Invpcid(3, 0, 0));
                break;
            case Operation.TaskSwitch:
                Assert.Equal(TaskSwitchLoad.Done, mmu.SwitchTask(mmu.Cr3 | 8));
                break;
            case Operation.TaskSwitchToSameCr3:
                Assert.Equal(TaskSwitchLoad.Done, mmu.SwitchTask(mmu.Cr3));
                break;
            case Operation.WritePat:
                Assert.True(mmu.WritePat(0));
                break;
            case Operation.WriteEfer:
                Assert.True(mmu.WriteEfer(0));
                break;
            case Operation.FlushAll:
                mmu.FlushAll();
                break;
            case Operation.FlushNonGlobal:
                mmu.FlushNonGlobal();
                break;
            case Operation.A20Toggle:
                mmu.SetA20Masked(true);
                mmu.SetA20Masked(false);
                break;
        }
    }
}
