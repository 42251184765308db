using X86Pae.Paging;
using X86Pae.Samples.Processor.Registers;
using static Iced.Intel.AssemblerRegisters;

namespace X86Pae.Samples.Processor.Tests.Interrupts;

public class DeliveryTests
{
    private const uint Unmapped = 0x4000_0000;
    private const uint Page = 0x40_0000;
    private const ulong UserData = BareGuest.Present | BareGuest.Writable | BareGuest.User;

    [Fact]
    public void PageFault_AtTheSameLevel_PushesErrorCodeEipCsAndEflags()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.stc();
            a.mov(__dword_ptr[Unmapped + 5], eax);
        }).EnablePaging().Run();

        Assert.Equal((14, Unmapped + 5), (guest.Vector, guest.Mmu.Cr2));
        Assert.Equal((2u, BareGuest.Code + 1, 8u), (guest.Pushed(0), guest.Pushed(1), guest.Pushed(2)));
        Assert.Equal(Eflags.Carry | Eflags.Fixed | Eflags.Resume, (Eflags)guest.Pushed(3));
        Assert.Equal(BareGuest.Stack - 16, guest.State.Esp);
    }

    [Fact]
    public void PageFault_FromUserMode_SwitchesToTheStackOfTheTss()
    {
        BareGuest guest = UserProgram(0x8B, 0x0D, 0, 0, 0, 0x40).Run(); // MOV ECX, [40000000h]

        Assert.Equal((14, 4u, Page, 0x1Bu), (guest.Vector, guest.Pushed(0), guest.Pushed(1), guest.Pushed(2)));
        Assert.Equal((Page + 0x800, 0x23u), (guest.Pushed(4), guest.Pushed(5)));
        Assert.Equal((BareGuest.InnerStack - 24, 0), (guest.State.Esp, guest.State.Cpl));
        Assert.Equal(0x10, guest.State.Segment(Iced.Intel.Register.SS).Selector);
    }

    [Fact]
    public void IretToRing3AndBack_ThroughTheTss()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.push(0x23);
            a.push(Page + 0x800);
            a.push(0x202);
            a.push(0x1B);
            a.push(Page);
            a.iretd();
        }).EnablePaging().Map(Page, 0x20_0000 | UserData);
        guest.Store(0x20_0000, BareGuest.Assemble(
            a =>
            {
                a.mov(eax, cs);
                a.mov(ebx, ss);
                a.push(0x77);
                a.@int(0x80);
            },
            Page));

        guest.Run();

        Assert.Equal(0x80, guest.Vector);
        Assert.Equal((0x1Bu, 0x23u), (guest.State.Eax, guest.State.Ebx));
        Assert.Equal((0x1Bu, 0x202u), (guest.Pushed(1), guest.Pushed(2)));
        Assert.Equal((Page + 0x7FC, 0x23u), (guest.Pushed(3), guest.Pushed(4)));
        Assert.Equal(0x77u, guest.Load(0x20_07FC));
        Assert.False(guest.State.Has(Eflags.InterruptEnable)); // an interrupt gate
    }

    [Fact]
    public void IretToRing3_DropsSegmentsOfTheKernel()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.push(0x23);
            a.push(Page + 0x800);
            a.push(2);
            a.push(0x1B);
            a.push(Page);
            a.iretd();
        }).EnablePaging().Map(Page, 0x20_0000 | UserData);
        guest.Store(0x20_0000, [0xA1, 0, 0, 0, 0]); // MOV EAX, [0] through DS, which was 10h

        guest.Run();

        Assert.Equal((13, 0u, Page), (guest.Vector, guest.Pushed(0), guest.Pushed(1)));
        Assert.Equal(0, guest.State.Segment(Iced.Intel.Register.DS).Selector);
    }

    [Fact]
    public void IntN_ThroughAGateOfTheKernel_IsRefusedToTheUser()
    {
        BareGuest guest = UserProgram(0xCD, 0x81).Run();

        Assert.Equal((13, (0x81u * 8) | 2, Page), (guest.Vector, guest.Pushed(0), guest.Pushed(1)));
    }

    [Fact]
    public void Int3_AndInto_ReturnBehindThemselves()
    {
        BareGuest breakpoint = new BareGuest([0xCC]).Run();
        BareGuest overflow = new BareGuest(a =>
        {
            a.mov(al, 0x7F);
            a.inc(al);
            a.into();
        }).Run();

        Assert.Equal((3, BareGuest.Code + 1), (breakpoint.Vector, breakpoint.Pushed(0)));
        Assert.Equal((4, BareGuest.Code + 5), (overflow.Vector, overflow.Pushed(0)));
    }

    [Fact]
    public void Gate_BeyondTheLimit_IsGeneralProtectionWithItsIndex()
    {
        BareGuest guest = new BareGuest([0xCD, 0x40]);
        guest.State.Idtr = guest.State.Idtr with { Limit = (0x40 * 8) + 6 };

        guest.Run();

        Assert.Equal((13, (0x40u * 8) | 2), (guest.Vector, guest.Pushed(0)));
    }

    [Fact]
    public void Gate_NotPresent_IsSegmentNotPresentWithItsIndex()
    {
        BareGuest guest = new BareGuest([0xCD, 0x40]);
        guest.SetGate(0x40, guest.Gate(0x40) & ~(1UL << 47));

        guest.Run();

        Assert.Equal((11, (0x40u * 8) | 2), (guest.Vector, guest.Pushed(0)));
    }

    [Fact]
    public void FaultDuringTheDeliveryOfAnException_SetsExternalInTheErrorCode()
    {
        BareGuest guest = new BareGuest([0x0F, 0x0B]); // UD2, whose gate names a data segment
        guest.SetGate(6, (guest.Gate(6) & ~0xFFFF_0000UL) | 0x0010_0000);

        guest.Run();

        Assert.Equal((13, 0x11u, BareGuest.Code), (guest.Vector, guest.Pushed(0), guest.Pushed(1)));
    }

    [Fact]
    public void ContributoryDuringContributory_IsADoubleFault()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.xor(ecx, ecx);
            a.div(ecx);
        });
        guest.SetGate(0, 0); // #GP while #DE is delivered

        guest.Run();

        Assert.Equal((8, 0u, BareGuest.Code + 2), (guest.Vector, guest.Pushed(0), guest.Pushed(1)));
    }

    [Fact]
    public void PageFaultDuringContributory_IsDeliveredItself()
    {
        // The IDT begins at the end of a page that is not there, so that the gate of #DE is missing and the others are not.
        BareGuest guest = new BareGuest(a =>
        {
            a.xor(ecx, ecx);
            a.div(ecx);
        }).EnablePaging().Map(Page, 0).Map(Page + 0x1000, 0x20_0000 | BareGuest.Present);
        for (int vector = 1; vector < 32; vector++)
        {
            guest.Store(0x20_0000 + (8 * (uint)(vector - 1)), BitConverter.GetBytes(guest.Gate(vector)));
        }

        guest.State.Idtr = guest.State.Idtr with { Base = Page + 0x1000 - 8 };

        guest.Run();

        Assert.Equal((14, 0u, BareGuest.Code + 2), (guest.Vector, guest.Pushed(0), guest.Pushed(1)));
        Assert.Equal(Page + 0xFF8, guest.Mmu.Cr2);
    }

    [Fact]
    public void PageFaultDuringPageFault_IsADoubleFaultWithTheSecondAddressInCr2()
    {
        // The stack of the TSS is not there when the user's page fault is delivered; the double fault finds none either.
        BareGuest guest = UserProgram(0x8B, 0x0D, 0, 0, 0, 0x40);
        guest.Store(BareGuest.TaskState + 4, 0x5000_0000);

        guest.Run();

        Assert.Equal(ProcessorStopKind.TripleFault, guest.Stopped?.Kind);
        Assert.Equal(0x4FFF_FFFCu, guest.Mmu.Cr2);
        Assert.Equal(3, guest.State.Cpl); // nothing of the delivery has become true
        Assert.Equal(Page + 0x800, guest.State.Esp);
    }

    [Fact]
    public void WithoutAnIdt_AnExceptionIsATripleFault()
    {
        var guest = new BareGuest([0x0F, 0x0B]);
        guest.State.Idtr = default;

        guest.Run();

        Assert.Equal(ProcessorStopKind.TripleFault, guest.Stopped?.Kind);
        Assert.Contains("00010000h", guest.Stopped?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SingleStep_TrapsAfterTheInstruction()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.push(0x102);
            a.popfd();
            a.inc(eax);
            a.inc(eax);
            a.hlt();
        }).Run();

        // POPF itself does not trap: TF was clear when it began.
        Assert.Equal((1, 1u), (guest.Vector, guest.State.Eax));
        Assert.Equal(BareGuest.Code + 7, guest.Pushed(0));
        Assert.Equal(0x4000u, guest.State.Debug(6) & 0x4000);
    }

    [Fact]
    public void ImplicitReadsOfUserPages_UnderSmap_FaultWhateverAcSays()
    {
        // The GDT lies on a user page. The program may read it with AC set; the processor may not.
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, __dword_ptr[Page + 8]);
            a.mov(ecx, 0x10);
            a.mov(fs, ecx);
            a.hlt();
        }).EnablePaging(Cr4.SupervisorAccessPrevention).Map(Page, BareGuest.GlobalTable | UserData);
        guest.State.Gdtr = guest.State.Gdtr with { Base = Page };
        guest.State.Flags |= Eflags.AlignmentCheck;

        guest.Run();

        Assert.Equal(0xFFFFu, guest.State.Eax); // the program's own read
        Assert.Equal(ProcessorStopKind.TripleFault, guest.Stopped?.Kind); // and no handler can be entered without a GDT
        Assert.Equal(Page + 8, guest.Mmu.Cr2);
    }

    [Fact]
    public void UserModeAccessesToTables_AreSupervisorAccesses()
    {
        // MOV FS at CPL 3 reads a GDT that the user may not read.
        BareGuest guest = UserProgram(0x8E, 0xE0, 0xCD, 0x80); // MOV FS, EAX; INT 80h
        guest.State.Eax = 0x23;

        guest.Run();

        Assert.Equal((0x80, (ushort)0x23), (guest.Vector, guest.State.Segment(Iced.Intel.Register.FS).Selector));
    }

    /// <summary>A program at CPL 3, at the start of a user page whose other half is its stack.</summary>
    private static BareGuest UserProgram(params byte[] code)
    {
        BareGuest guest = new BareGuest(a => a.hlt()).EnablePaging()
            .Map(Page, 0x20_0000 | UserData)
            .EnterUserMode(Page, esp: Page + 0x800);
        guest.Store(0x20_0000, code);
        return guest;
    }
}
