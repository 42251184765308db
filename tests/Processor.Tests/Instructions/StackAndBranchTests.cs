using X86Pae.Samples.Processor.Registers;
using static Iced.Intel.AssemblerRegisters;

namespace X86Pae.Samples.Processor.Tests.Instructions;

public class StackAndBranchTests
{
    private const uint Page = 0x40_0000;
    private const ulong UserData = BareGuest.Present | BareGuest.Writable | BareGuest.User;

    [Fact]
    public void PushEsp_PopEsp_UseTheValuesBefore()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.push(esp);
            a.pop(eax);
            a.push(0x1234);
            a.pop(esp);
            a.hlt();
        }).Run();

        Assert.Equal((BareGuest.Stack, 0x1234u), (guest.State.Eax, guest.State.Esp));
    }

    [Fact]
    public void PopToMemoryByEsp_UsesTheAddressAfterThePop()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.push(1);
            a.push(2);
            a.pop(__dword_ptr[esp]);
            a.pop(eax);
            a.hlt();
        }).Run();

        Assert.Equal((2u, BareGuest.Stack), (guest.State.Eax, guest.State.Esp));
    }

    [Fact]
    public void PushSelector_IsExtendedWithZeros()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.push(ds);
            a.pop(eax);
            a.hlt();
        }).Run();

        Assert.Equal(0x10u, guest.State.Eax);
    }

    [Fact]
    public void Pushad_Popad_RestoreAllButEsp()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, 1);
            a.mov(edi, 7);
            a.mov(ebp, 5);
            a.pushad();
            a.xor(eax, eax);
            a.xor(edi, edi);
            a.mov(__dword_ptr[esp + 12], 0x7777); // where ESP was saved
            a.popad();
            a.hlt();
        }).Run();

        Assert.Equal((1u, 7u, 5u, BareGuest.Stack), (guest.State.Eax, guest.State.Edi, guest.State.Ebp, guest.State.Esp));
    }

    [Fact]
    public void Pushad_ThatFaultsHalfWay_WritesNothing()
    {
        // At CPL 3, so that the handler has a stack of its own. Two slots lie above the boundary, six below it.
        BareGuest guest = new BareGuest(a => a.hlt()).EnablePaging()
            .Map(Page, 0x20_0000 | UserData)
            .Map(Page + 0x1000, 0)
            .Map(Page + 0x2000, 0x20_1000 | UserData)
            .EnterUserMode(Page, esp: Page + 0x2008);
        guest.Store(0x20_0000, 0x60); // PUSHAD
        guest.State.Eax = 0xAAAA_AAAA;

        guest.Run();

        Assert.Equal((14, 6u), (guest.Vector, guest.Pushed(0)));
        Assert.Equal((Page + 0x1FFC, Page + 0x2008), (guest.Mmu.Cr2, guest.Pushed(4)));
        Assert.Equal((0u, 0u), (guest.Load(0x20_1000), guest.Load(0x20_1004)));
    }

    [Fact]
    public void Enter_WithLevels_CopiesTheDisplay()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(ebp, 0x2_0000);
            a.enter(8, 3);
            a.hlt();
        });
        guest.Store(0x1_FFFC, 0x1111);
        guest.Store(0x1_FFF8, 0x2222);

        guest.Run();

        Assert.Equal((BareGuest.Stack - 4, BareGuest.Stack - 16 - 8), (guest.State.Ebp, guest.State.Esp));
        Assert.Equal(
            (0x2_0000u, 0x1111u, 0x2222u, BareGuest.Stack - 4),
            (guest.Load(BareGuest.Stack - 4), guest.Load(BareGuest.Stack - 8), guest.Load(BareGuest.Stack - 12), guest.Load(BareGuest.Stack - 16)));
    }

    [Fact]
    public void Leave_UndoesEnter()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(ebp, 0x1234);
            a.enter(64, 0);
            a.leave();
            a.hlt();
        }).Run();

        Assert.Equal((0x1234u, BareGuest.Stack), (guest.State.Ebp, guest.State.Esp));
    }

    [Fact]
    public void CallAndRetN_ReturnAndDropArguments()
    {
        BareGuest guest = new BareGuest(a =>
        {
            var function = a.CreateLabel();
            a.push(20);
            a.push(22);
            a.call(function);
            a.hlt();
            a.Label(ref function);
            a.mov(eax, __dword_ptr[esp + 4]);
            a.add(eax, __dword_ptr[esp + 8]);
            a.ret(8);
        }).Run();

        Assert.Equal((42u, BareGuest.Stack), (guest.State.Eax, guest.State.Esp));
    }

    [Fact]
    public void Call_WithoutAStack_FaultsAtTheCall()
    {
        BareGuest guest = new BareGuest(a => a.hlt()).EnablePaging()
            .Map(Page, 0x20_0000 | UserData)
            .EnterUserMode(Page, esp: 0x4000_0000);
        guest.Store(0x20_0000, 0xE8); // CALL to what follows

        guest.Run();

        Assert.Equal((14, 6u, Page), (guest.Vector, guest.Pushed(0), guest.Pushed(1)));
        Assert.Equal((0x3FFF_FFFCu, 0x4000_0000u), (guest.Mmu.Cr2, guest.Pushed(4)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void Loop_CountsDownToZero(int count)
    {
        BareGuest guest = new BareGuest(a =>
        {
            var again = a.CreateLabel();
            a.mov(ecx, count);
            a.Label(ref again);
            a.inc(eax);
            a.loop(again);
            a.hlt();
        }).Run();

        Assert.Equal(((uint)count, 0u), (guest.State.Eax, guest.State.Ecx));
    }

    [Fact]
    public void EveryCondition_HoldsForTheFlagsItNames()
    {
        // Jcc, SETcc and CMOVcc in the order of their opcodes, under all 32 combinations of the five flags.
        Eflags[] flags = [Eflags.Overflow, Eflags.Carry, Eflags.Zero, Eflags.Sign, Eflags.Parity];
        for (int combination = 0; combination < 32; combination++)
        {
            Eflags image = Eflags.Fixed;
            for (int i = 0; i < flags.Length; i++)
            {
                image |= (combination >> i & 1) != 0 ? flags[i] : 0;
            }

            (bool o, bool c, bool z, bool s, bool p) = (
                image.HasFlag(Eflags.Overflow), image.HasFlag(Eflags.Carry), image.HasFlag(Eflags.Zero),
                image.HasFlag(Eflags.Sign), image.HasFlag(Eflags.Parity));
            bool[] even = [o, c, z, c || z, s, p, s != o, z || s != o];
            for (int opcode = 0; opcode < 16; opcode++)
            {
                bool expected = even[opcode / 2] == (opcode % 2 == 0);
                var guest = new BareGuest(
                [
                    0x0F, (byte)(0x90 + opcode), 0xC3,       // SETcc BL
                    0x0F, (byte)(0x40 + opcode), 0xCE,       // CMOVcc ECX, ESI
                    (byte)(0x70 + opcode), 0x01,             // Jcc over the HLT
                    0xF4, 0x90, 0xF4,
                ]);
                guest.State.Flags = image;
                guest.State.Esi = 1;
                guest.Run();

                Assert.Equal((expected ? 1u : 0, expected ? 1u : 0), (guest.State.Ebx, guest.State.Ecx));
                Assert.Equal(BareGuest.Code + (expected ? 10u : 8), guest.HaltedAt);
            }
        }
    }

    [Fact]
    public void Cmov_WhoseConditionFails_StillFaultsOnItsSource()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.xor(eax, eax);
            a.cmovne(eax, __dword_ptr[0x4000_0000]);
            a.hlt();
        }).EnablePaging().Run();

        Assert.Equal((14, 0x4000_0000u), (guest.Vector, guest.Mmu.Cr2));
    }

    [Fact]
    public void FarCallAndReturn_StayAtThePrivilegeLevel()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.call(8, BareGuest.Code + 8);
            a.hlt();
            a.mov(eax, __dword_ptr[esp + 4]);
            a.retf();
        }).Run();

        Assert.Equal((BareGuest.Code + 7, 8u), (guest.HaltedAt, guest.State.Eax));
    }
}
