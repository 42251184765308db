using Iced.Intel;
using X86Pae.Samples.Processor.Registers;
using static Iced.Intel.AssemblerRegisters;

namespace X86Pae.Samples.Processor.Tests.Instructions;

public class StringTests
{
    private const uint Source = 0x2_0000;
    private const uint Destination = 0x3_0000;

    [Fact]
    public void RepMovs_Forward_CopiesAndCountsDown()
    {
        BareGuest guest = Copying(a => a.rep.movsb(), count: 5, direction: false);

        guest.Run();

        Assert.Equal((0x0403_0201u, 5u), (guest.Load(Destination), guest.Load(Destination + 4)));
        Assert.Equal((0u, Source + 5, Destination + 5), (guest.State.Ecx, guest.State.Esi, guest.State.Edi));
    }

    [Fact]
    public void RepMovs_Backward_WalksDown()
    {
        BareGuest guest = Copying(a => a.rep.movsd(), count: 2, direction: true);

        guest.Run();

        Assert.Equal(0x0403_0201u, guest.Load(Destination));
        Assert.Equal((0u, Source - 8, Destination - 8), (guest.State.Ecx, guest.State.Esi, guest.State.Edi));
    }

    [Fact]
    public void RepMovs_WithCountZero_TouchesNothing()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.xor(ecx, ecx);
            a.mov(esi, 0x4000_0000); // not mapped
            a.mov(edi, 0x4000_0000);
            a.rep.movsb();
            a.hlt();
        }).EnablePaging().Run();

        Assert.Null(guest.Vector);
    }

    [Fact]
    public void RepMovs_FaultInTheMiddle_RestartsWhereItStopped()
    {
        // Eight dwords to the end of one page and on into the next, which the handler maps before it returns.
        const uint Page = 0x40_0000;
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(esi, Source);
            a.mov(edi, Page + 4096 - 16);
            a.mov(ecx, 8);
            a.cld();
            a.rep.movsd();
            a.hlt();
        }).EnablePaging().Map(Page, 0x20_0000 | BareGuest.Present | BareGuest.Writable).Map(Page + 4096, 0);
        for (uint i = 0; i < 8; i++)
        {
            guest.Store(Source + (4 * i), 0x100 + i);
        }

        const uint Handler = 0x1_8000;
        uint pte = guest.PteAddress(Page + 4096);
        guest.SetGate(14, 0x0000_8E00_0008_0000UL | (Handler & 0xFFFF) | ((ulong)(Handler >> 16) << 48));
        guest.Store(Handler, BareGuest.Assemble(
            a =>
            {
                a.push(eax);
                a.mov(__dword_ptr[0x6000], ecx); // what the handler finds
                a.mov(__dword_ptr[0x6004], esi);
                a.mov(__dword_ptr[0x6008], edi);
                a.mov(eax, cr2);
                a.mov(__dword_ptr[0x600C], eax);
                a.mov(__dword_ptr[pte], 0x20_1003);
                a.pop(eax);
                a.add(esp, 4);
                a.iretd();
            },
            Handler));

        guest.Run();

        Assert.Null(guest.Vector);
        Assert.Equal((4u, Source + 16, Page + 4096, Page + 4096), (guest.Load(0x6000), guest.Load(0x6004), guest.Load(0x6008), guest.Load(0x600C)));
        Assert.Equal((0u, Source + 32, Page + 4096 + 16), (guest.State.Ecx, guest.State.Esi, guest.State.Edi));
        Assert.Equal((0x103u, 0x104u, 0x107u), (guest.Load(0x20_0FFC), guest.Load(0x20_1000), guest.Load(0x20_100C)));
    }

    [Fact]
    public void Movs_SourceReadableDestinationNot_ChangesNoRegister()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(esi, Source);
            a.mov(edi, 0x4000_0000);
            a.movsd();
            a.hlt();
        }).EnablePaging().Run();

        Assert.Equal((14, 2u), (guest.Vector, guest.Pushed(0)));
        Assert.Equal((Source, 0x4000_0000u), (guest.State.Esi, guest.State.Edi));
    }

    [Fact]
    public void RepeCmps_StopsAtTheFirstDifference()
    {
        BareGuest guest = Copying(a => a.repe.cmpsb(), count: 5, direction: false);
        guest.Store(Destination, [1, 2, 9, 4, 5]);

        guest.Run();

        Assert.Equal((2u, Source + 3), (guest.State.Ecx, guest.State.Esi));
        Assert.Equal((false, true), (guest.State.Has(Eflags.Zero), guest.State.Has(Eflags.Carry))); // 3 - 9
    }

    [Fact]
    public void RepneScas_FindsAByte()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(al, 4);
            a.mov(edi, Source);
            a.mov(ecx, 100);
            a.repne.scasb();
            a.hlt();
        });
        guest.Store(Source, [1, 2, 3, 4, 5]);

        guest.Run();

        Assert.Equal((96u, Source + 4, true), (guest.State.Ecx, guest.State.Edi, guest.State.Has(Eflags.Zero)));
    }

    [Fact]
    public void RepStos_WithAddressSizePrefix_CountsInCx()
    {
        // 67 F3 AB: ECX, EDI have bits above 15 that must neither count nor change.
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, 0x5555_5555);
            a.mov(ecx, 0xABCD_0002);
            a.mov(edi, 0x0012_7000);
            a.db(0x67, 0xF3, 0xAB);
            a.hlt();
        }).Run();

        Assert.Equal((0xABCD_0000u, 0x0012_7008u), (guest.State.Ecx, guest.State.Edi));
        Assert.Equal((0x5555_5555u, 0x5555_5555u, 0u), (guest.Load(0x7000), guest.Load(0x7004), guest.Load(0x7008)));
    }

    [Fact]
    public void RepOuts_PrintsAString()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(edx, 0xE9);
            a.mov(esi, Source);
            a.mov(ecx, 3);
            a.rep.outsb();
            a.hlt();
        });
        guest.Store(Source, "ok\n"u8);

        guest.Run();

        Assert.Equal("ok\n"u8.ToArray(), guest.Output.ToArray());
    }

    private static BareGuest Copying(Action<Assembler> instruction, uint count, bool direction)
    {
        var guest = new BareGuest(a =>
        {
            a.mov(esi, Source);
            a.mov(edi, Destination);
            a.mov(ecx, count);
            if (direction)
            {
                a.std();
            }
            else
            {
                a.cld();
            }

            instruction(a);
            a.hlt();
        });
        guest.Store(Source, [1, 2, 3, 4, 5, 6, 7, 8]);
        return guest;
    }
}
