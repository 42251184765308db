using X86Pae.Paging;
using X86Pae.Tlb;
using static Iced.Intel.AssemblerRegisters;

namespace X86Pae.Samples.Processor.Tests.Fetching;

public class FetchTests
{
    private const uint Page = 0x40_0000;
    private const ulong Kernel = BareGuest.Present | BareGuest.Writable;
    private const ulong ExecuteDisable = 1UL << 63;

    [Fact]
    public void InstructionThatEndsAtThePageEnd_DoesNotTouchTheNextPage()
    {
        BareGuest guest = At(Page + 0xFFD, nextPte: 0, 0x90, 0x90, 0x40); // NOP, NOP, INC EAX

        guest.Run();

        Assert.Equal((14, 1u), (guest.Vector, guest.State.Eax));
        Assert.Equal((0x10u, Page + 0x1000, Page + 0x1000), (guest.Pushed(0), guest.Pushed(1), guest.Mmu.Cr2));
    }

    [Fact]
    public void InstructionAcrossThePageEnd_FaultsOnTheFirstByteOfTheNextPage()
    {
        BareGuest guest = At(Page + 0xFFE, nextPte: 0x20_1000 | Kernel | ExecuteDisable, 0xB8, 0x78); // MOV EAX, imm32

        guest.Run();

        Assert.Equal((14, 0x11u), (guest.Vector, guest.Pushed(0)));
        Assert.Equal((Page + 0xFFE, Page + 0x1000), (guest.Pushed(1), guest.Mmu.Cr2));
    }

    [Fact]
    public void InstructionAcrossThePageEnd_IsPutTogether()
    {
        BareGuest guest = At(Page + 0xFFE, nextPte: 0x20_3000 | Kernel, 0xB8, 0x78); // the next page lies elsewhere
        guest.Store(0x20_3000, [0x56, 0x34, 0x12, 0xF4]);

        guest.Run();

        Assert.Equal(0x1234_5678u, guest.State.Eax);
    }

    [Fact]
    public void CodeThatIsWrittenOver_IsExecutedAsItIsNow()
    {
        // The loop increments twice, then turns its own INC EAX into INC EBX.
        BareGuest guest = new BareGuest(a =>
        {
            var again = a.CreateLabel();
            a.mov(ecx, 4);
            a.Label(ref again);
            a.inc(eax); // at Code + 5
            a.cmp(ecx, 3);
            var skip = a.CreateLabel();
            a.jne(skip);
            a.mov(__byte_ptr[BareGuest.Code + 5], 0x43);
            a.Label(ref skip);
            a.loop(again);
            a.hlt();
        }).Run();

        Assert.Equal((2u, 2u), (guest.State.Eax, guest.State.Ebx));
    }

    [Fact]
    public void PageThatIsMappedElsewhere_IsFetchedFromThere()
    {
        // The same linear address, twice, with another frame behind it the second time.
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(edx, Page);
            a.call(edx);
            a.mov(__dword_ptr[0x10_5000], 0x20_1003);
            a.invlpg(__byte_ptr[Page]);
            a.call(edx);
            a.hlt();
        }, TlbConfiguration.MaximallyStale).EnablePaging().Map(Page, 0x20_0000 | Kernel);
        Assert.Equal(0x10_5000u, guest.PteAddress(Page));
        guest.Store(0x20_0000, [0x40, 0xC3]); // INC EAX; RET
        guest.Store(0x20_1000, [0x43, 0xC3]); // INC EBX; RET

        guest.Run();

        Assert.Equal((1u, 1u), (guest.State.Eax, guest.State.Ebx));
    }

    [Fact]
    public void InstructionOfSixteenBytes_IsGeneralProtection()
    {
        var guest = new BareGuest([.. Enumerable.Repeat((byte)0x3E, 15), 0x90]);

        Assert.Equal((13, 0u), (guest.Run().Vector, guest.Pushed(0)));
    }

    [Fact]
    public void InstructionOfFifteenBytes_IsExecuted() =>
        Assert.Null(new BareGuest([.. Enumerable.Repeat((byte)0x3E, 14), 0x90, 0xF4]).Run().Vector);

    [Theory]
    [InlineData(0x0F, 0x0B)] // UD2
    [InlineData(0x0F, 0x58)] // ADDPS
    [InlineData(0xD9, 0xE8)] // FLD1
    [InlineData(0x0F, 0x34)] // SYSENTER
    public void InstructionThatIsNotThere_IsUndefined(byte first, byte second) =>
        Assert.Equal(6, new BareGuest([first, second, 0xC0]).Run().Vector);

    [Fact]
    public void FloatingPoint_WithEmSet_IsDeviceNotAvailable()
    {
        var guest = new BareGuest([0xD9, 0xE8]);
        Assert.True(guest.Mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Emulation)));

        Assert.Equal(7, guest.Run().Vector);
    }

    [Fact]
    public void SupervisorFetchFromAUserPage_UnderSmep_Faults()
    {
        BareGuest guest = new BareGuest(a => a.jmp(Page)).EnablePaging(Cr4.SupervisorExecutionPrevention)
            .Map(Page, 0x20_0000 | Kernel | BareGuest.User);

        guest.Run();

        Assert.Equal((14, 0x11u, Page), (guest.Vector, guest.Pushed(0), guest.Mmu.Cr2));
    }

    [Fact]
    public void Fetch_BeyondTheCodeSegment_IsGeneralProtection()
    {
        var guest = new BareGuest(a => a.jmp(BareGuest.Code + 0x1_0000));
        guest.State.Segment(Iced.Intel.Register.CS) = new(8, new(0x0041_9A00_0000_FFFF)); // 128 KiB

        guest.Run();

        Assert.Equal((13, 0u, BareGuest.Code), (guest.Vector, guest.Pushed(0), guest.Pushed(1)));
    }

    private static BareGuest At(uint linear, ulong nextPte, params byte[] code)
    {
        BareGuest guest = new BareGuest(a => a.hlt()).EnablePaging()
            .Map(Page, 0x20_0000 | Kernel)
            .Map(Page + 0x1000, nextPte);
        guest.Store(0x20_0000 + (linear % 0x1000), code);
        guest.State.Eip = linear;
        return guest;
    }
}
