using X86Pae.Paging;

namespace X86Pae.Tests.Caches;

/// <summary>The CR3 load of a task switch, beside what it drops (see <see cref="InvalidationTests"/>).</summary>
public sealed class TaskSwitchTests
{
    private const uint Linear = 0x5000;
    private const uint BadPdpt = CachedGuest.Table; // its entries have R/W set
    private const ulong Frame = 0x1_0000;

    // C70.
    [Fact]
    public void SwitchTask_SameCr3_DoesNotReloadThePdptes()
    {
        CachedGuest guest = Mapped();

        guest.SetPdpte(0);

        Assert.Equal(TaskSwitchLoad.Done, guest.Mmu.SwitchTask(guest.Mmu.Cr3));
        Assert.Equal(Frame, guest.FrameOf(Linear));
    }

    // C70.
    [Fact]
    public void SwitchTask_OtherCr3_ReloadsThePdptes()
    {
        CachedGuest guest = Mapped();

        guest.SetPdpte(0);

        Assert.Equal(TaskSwitchLoad.Done, guest.Mmu.SwitchTask(guest.Mmu.Cr3 | 8));
        guest.ErrorOf(Linear);
    }

    // C70.
    [Fact]
    public void SwitchTask_BadPdpte_RaisesGeneralProtectionAndChangesNothing()
    {
        CachedGuest guest = Mapped();
        uint cr3 = guest.Mmu.Cr3;

        Assert.Equal(TaskSwitchLoad.GeneralProtection, guest.Mmu.SwitchTask(BadPdpt));
        Assert.Equal(cr3, guest.Mmu.Cr3);
        Assert.Equal(Frame, guest.FrameOf(Linear));
    }

    // C70.
    [Fact]
    public void SwitchTask_BadPdpteWhereInvalidTssIsRaised_LeavesNothingMapped()
    {
        CachedGuest guest = Mapped(new PagingOptions { TaskSwitchPdpteFault = TaskSwitchPdpteFault.InvalidTss });

        Assert.Equal(TaskSwitchLoad.InvalidTss, guest.Mmu.SwitchTask(BadPdpt));
        Assert.Equal(BadPdpt, guest.Mmu.Cr3);
        guest.ErrorOf(Linear);
    }

    private static CachedGuest Mapped(PagingOptions? options = null)
    {
        var guest = new CachedGuest(options: options);
        guest.SetPte(0, CachedGuest.Flags);
        guest.SetPte(Linear, Frame | CachedGuest.Flags);
        guest.FrameOf(Linear);
        return guest;
    }
}
