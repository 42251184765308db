using X86Pae.Paging;

namespace X86Pae.Tests;

/// <summary>The CR3 load of a task switch, beside what it drops (see <see cref="InvalidationTests"/>).</summary>
public sealed class TaskSwitchTests
{
    private const uint Linear = 0x5000;
    private const uint BadPdpt = StaleGuest.Table; // its entries have R/W set
    private const ulong Frame = 0x1_0000;

    // C70.
    [Fact]
    public void SwitchTask_SameCr3_DoesNotReloadThePdptes()
    {
        StaleGuest guest = Mapped();

        guest.SetPdpte(0);

        Assert.Equal(TaskSwitchLoad.Done, guest.Mmu.SwitchTask(guest.Mmu.Cr3));
        Assert.Equal(Frame, guest.FrameOf(Linear));
    }

    // C70.
    [Fact]
    public void SwitchTask_OtherCr3_ReloadsThePdptes()
    {
        StaleGuest guest = Mapped();

        guest.SetPdpte(0);

        Assert.Equal(TaskSwitchLoad.Done, guest.Mmu.SwitchTask(guest.Mmu.Cr3 | 8));
        guest.ErrorOf(Linear);
    }

    // C70.
    [Fact]
    public void SwitchTask_BadPdpte_RaisesGeneralProtectionAndChangesNothing()
    {
        StaleGuest guest = Mapped();
        uint cr3 = guest.Mmu.Cr3;

        Assert.Equal(TaskSwitchLoad.GeneralProtection, guest.Mmu.SwitchTask(BadPdpt));
        Assert.Equal(cr3, guest.Mmu.Cr3);
        Assert.Equal(Frame, guest.FrameOf(Linear));
    }

    // C70.
    [Fact]
    public void SwitchTask_BadPdpteWhereInvalidTssIsRaised_LeavesNothingMapped()
    {
        StaleGuest guest = Mapped(new PagingOptions { TaskSwitchPdpteFault = TaskSwitchPdpteFault.InvalidTss });

        Assert.Equal(TaskSwitchLoad.InvalidTss, guest.Mmu.SwitchTask(BadPdpt));
        Assert.Equal(BadPdpt, guest.Mmu.Cr3);
        guest.ErrorOf(Linear);
    }

    private static StaleGuest Mapped(PagingOptions? options = null)
    {
        var guest = new StaleGuest(options: options);
        guest.SetPte(0, StaleGuest.Flags);
        guest.SetPte(Linear, Frame | StaleGuest.Flags);
        guest.FrameOf(Linear);
        return guest;
    }
}
