using X86Pae.Samples.Processor.Registers;
using static Iced.Intel.AssemblerRegisters;

namespace X86Pae.Samples.Processor.Tests.Instructions;

public class BitAndAtomicTests
{
    private const uint Data = 0x2_0000;

    [Theory]
    [InlineData(37, Data + 4, 1u << 5)]
    [InlineData(-1, Data - 4, 1u << 31)]
    [InlineData(-33, Data - 8, 1u << 31)]
    public void Bts_BitNumberOutsideOfTheOperand_ChangesTheDwordThatHoldsIt(int number, uint address, uint bit)
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, number);
            a.bts(__dword_ptr[Data], eax);
            a.hlt();
        }).Run();

        Assert.Equal((bit, false), (guest.Load(address), guest.State.Has(Eflags.Carry)));
    }

    [Fact]
    public void BitChanges_TellTheOldBitAndChangeIt()
    {
        var guest = new BareGuest(a =>
        {
            a.btr(__dword_ptr[Data], 1);
            a.setc(bl);
            a.btc(__dword_ptr[Data], 0);
            a.setc(bh);
            a.bt(__dword_ptr[Data], 33); // an immediate stays within the operand
            a.setc(cl);
            a.hlt();
        });
        guest.Store(Data, 0b110);

        guest.Run();

        Assert.Equal(0b101u, guest.Load(Data));
        Assert.Equal((1u, 0u), (guest.State.Ebx, guest.State.Ecx));
    }

    [Fact]
    public void Bsf_Bsr_FindTheEndsAndTellZero()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, 0x0010_0100);
            a.bsf(ebx, eax);
            a.bsr(ecx, eax);
            a.mov(edx, 77);
            a.xor(eax, eax);
            a.bsf(edx, eax);
            a.hlt();
        }).Run();

        Assert.Equal((8u, 20u, 77u), (guest.State.Ebx, guest.State.Ecx, guest.State.Edx));
        Assert.True(guest.State.Has(Eflags.Zero));
    }

    [Theory]
    [InlineData(5u, 9u, 5u, true)]
    [InlineData(6u, 6u, 6u, false)]
    public void CmpXchg_StoresOnlyIfEqual(uint found, uint left, uint accumulator, bool swapped)
    {
        var guest = new BareGuest(a =>
        {
            a.mov(eax, 5);
            a.mov(ecx, 9);
            a.@lock.cmpxchg(__dword_ptr[Data], ecx);
            a.hlt();
        });
        guest.Store(Data, found);

        guest.Run();

        Assert.Equal((left, accumulator, swapped), (guest.Load(Data), guest.State.Eax, guest.State.Has(Eflags.Zero)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CmpXchg8b_ComparesEightBytes(bool equal)
    {
        var guest = new BareGuest(a =>
        {
            a.mov(eax, 0x1111_1111);
            a.mov(edx, 0x2222_2222);
            a.mov(ebx, 0x3333_3333);
            a.mov(ecx, 0x4444_4444);
            a.@lock.cmpxchg8b(__qword_ptr[Data + 4092]); // across a page
            a.hlt();
        });
        guest.Store(Data + 4092, 0x1111_1111);
        guest.Store(Data + 4096, equal ? 0x2222_2222u : 0x9999_9999);

        guest.Run();

        Assert.Equal(equal, guest.State.Has(Eflags.Zero));
        Assert.Equal(equal ? 0x3333_3333u : 0x1111_1111, guest.Load(Data + 4092));
        Assert.Equal(equal ? 0x4444_4444u : 0x9999_9999, guest.Load(Data + 4096));
        Assert.Equal(equal ? 0x2222_2222u : 0x9999_9999, guest.State.Edx);
    }

    [Fact]
    public void Xadd_SwapsAndAdds()
    {
        var guest = new BareGuest(a =>
        {
            a.mov(eax, 3);
            a.xadd(__dword_ptr[Data], eax);
            a.mov(ebx, 21);
            a.xadd(ebx, ebx);
            a.hlt();
        });
        guest.Store(Data, 4);

        guest.Run();

        Assert.Equal((7u, 4u, 42u), (guest.Load(Data), guest.State.Eax, guest.State.Ebx));
    }

    [Fact]
    public void CmpXchg_ThatFails_IsAWriteToThePage()
    {
        const uint Page = 0x40_0000;
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, 1);
            a.cmpxchg(__dword_ptr[Page], ecx);
            a.hlt();
        }).EnablePaging().Map(Page, 0x20_0000 | BareGuest.Present); // read-only, and CR0.WP

        guest.Run();

        Assert.Equal((14, 3u, Page), (guest.Vector, guest.Pushed(0), guest.Mmu.Cr2));
    }

    [Fact]
    public void Lock_BeforeAnInstructionThatCannotHaveIt_IsUndefined() =>
        Assert.Equal(6, new BareGuest([0xF0, 0x89, 0xC8]).Run().Vector); // LOCK MOV EAX, ECX
}
