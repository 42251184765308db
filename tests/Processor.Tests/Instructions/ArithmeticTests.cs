using Iced.Intel;
using X86Pae.Samples.Processor.Registers;
using static Iced.Intel.AssemblerRegisters;

namespace X86Pae.Samples.Processor.Tests.Instructions;

public class ArithmeticTests
{
    private const uint Data = 0x2_0000;

    [Fact]
    public void Add_MemoryDestinationOfEachWidth_ChangesThatWidthAlone()
    {
        var guest = new BareGuest(a =>
        {
            a.add(__byte_ptr[Data], 1);
            a.add(__word_ptr[Data + 4], 1);
            a.add(__dword_ptr[Data + 8], 1);
            a.hlt();
        });
        guest.Store(Data, 0xFFFF_FFFF);
        guest.Store(Data + 4, 0xFFFF_FFFF);
        guest.Store(Data + 8, 0xFFFF_FFFF);

        guest.Run();

        Assert.Equal((0xFFFF_FF00u, 0xFFFF_0000u, 0u), (guest.Load(Data), guest.Load(Data + 4), guest.Load(Data + 8)));
    }

    [Fact]
    public void Add_ByteImmediateToWord_IsSignExtendedToTheWord()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, 0x1234_0001);
            a.add(ax, -1);
            a.hlt();
        }).Run();

        Assert.Equal(0x1234_0000u, guest.State.Eax);
        Assert.True(guest.State.Has(Eflags.Carry) && guest.State.Has(Eflags.Zero));
    }

    [Fact]
    public void Inc_OfMaximum_LeavesCarryAlone()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.stc();
            a.mov(al, 0x7F);
            a.inc(al);
            a.hlt();
        }).Run();

        Assert.Equal(0x80u, guest.State.Eax & 0xFF);
        Assert.Equal(Eflags.Carry | Eflags.Overflow | Eflags.Sign | Eflags.Auxiliary, guest.State.Flags & Eflags.Status);
    }

    [Theory]
    [InlineData(0u, 0u, false)]
    [InlineData(0x8000_0000u, 0x8000_0000u, true)]
    [InlineData(5u, 0xFFFF_FFFBu, true)]
    public void Neg_SetsCarryUnlessZero(uint value, uint result, bool carry)
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, value);
            a.neg(eax);
            a.hlt();
        }).Run();

        Assert.Equal((result, carry), (guest.State.Eax, guest.State.Has(Eflags.Carry)));
    }

    [Theory]
    [InlineData(0xFFFF_FFFFu, 0xFFFF_FFFFu, 1u, 0xFFFF_FFFEu, true)]
    [InlineData(7u, 6u, 42u, 0u, false)]
    public void Mul_GivesDoubleWidthAndSaysWhetherItIsNeeded(uint left, uint right, uint low, uint high, bool overflow)
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, left);
            a.mov(ecx, right);
            a.mul(ecx);
            a.hlt();
        }).Run();

        Assert.Equal((low, high, overflow), (guest.State.Eax, guest.State.Edx, guest.State.Has(Eflags.Overflow)));
    }

    [Fact]
    public void Imul_OfEachForm_MultipliesWithSign()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(ebx, -3);
            a.imul(esi, ebx, 5);
            a.imul(ebx, ebx);
            a.mov(eax, -2);
            a.mov(ecx, 0x4000_0000);
            a.imul(ecx);
            a.hlt();
        }).Run();

        Assert.Equal((unchecked((uint)-15), 9u), (guest.State.Esi, guest.State.Ebx));
        Assert.Equal((0x8000_0000u, uint.MaxValue), (guest.State.Eax, guest.State.Edx));
        Assert.False(guest.State.Has(Eflags.Overflow));
    }

    [Theory]
    [InlineData(1u, 0u, 2u, 0x8000_0000u, 0u)]
    [InlineData(0u, 17u, 5u, 3u, 2u)]
    public void Div_GivesQuotientAndRemainder(uint high, uint low, uint divisor, uint quotient, uint remainder)
    {
        BareGuest guest = Divide(a => a.div(ecx), high, low, divisor);

        Assert.Equal((null, quotient, remainder), (guest.Vector, guest.State.Eax, guest.State.Edx));
    }

    [Theory]
    [InlineData(0u, 1u, 0u)]
    [InlineData(1u, 0u, 1u)]
    [InlineData(2u, 0u, 2u)]
    public void Div_ByZeroOrTooLarge_RaisesDivideErrorAndChangesNothing(uint high, uint low, uint divisor)
    {
        BareGuest guest = Divide(a => a.div(ecx), high, low, divisor);

        Assert.Equal((0, low, high), (guest.Vector, guest.State.Eax, guest.State.Edx));
        Assert.Equal(BareGuest.Code + 15, guest.Pushed(0)); // a fault: EIP is that of the DIV
    }

    [Theory]
    [InlineData(0xFFFF_FFFFu, 0xFFFF_FFF9u, 2u, 0xFFFF_FFFDu, 0xFFFF_FFFFu)] // -7 / 2 = -3, remainder -1
    [InlineData(0xFFFF_FFFFu, 0x8000_0000u, 1u, 0x8000_0000u, 0u)]
    public void Idiv_TruncatesTowardsZero(uint high, uint low, uint divisor, uint quotient, uint remainder)
    {
        BareGuest guest = Divide(a => a.idiv(ecx), high, low, divisor);

        Assert.Equal((null, quotient, remainder), (guest.Vector, guest.State.Eax, guest.State.Edx));
    }

    [Theory]
    [InlineData(0x8000_0000u, 0u, 0xFFFF_FFFFu)] // the smallest 64-bit number by -1
    [InlineData(0xFFFF_FFFFu, 0x8000_0000u, 0xFFFF_FFFFu)]
    [InlineData(0u, 0x8000_0000u, 1u)]
    [InlineData(0u, 0u, 0u)]
    public void Idiv_QuotientThatDoesNotFit_RaisesDivideError(uint high, uint low, uint divisor) =>
        Assert.Equal(0, Divide(a => a.idiv(ecx), high, low, divisor).Vector);

    [Fact]
    public void Div_Byte_UsesAx()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, 0x1234_0107);
            a.mov(cl, 0x10);
            a.div(cl);
            a.hlt();
        }).Run();

        Assert.Equal(0x1234_0710u, guest.State.Eax);
    }

    [Theory]
    [InlineData(0x0015u, 0x27u, 0x42u, false)]
    [InlineData(0x0099u, 0x01u, 0x00u, true)]
    [InlineData(0x0090u, 0x20u, 0x10u, true)]
    public void Daa_AfterAddition_GivesDecimalSum(uint left, uint right, uint sum, bool carry)
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, left);
            a.add(al, (byte)right);
            a.daa();
            a.hlt();
        }).Run();

        Assert.Equal((sum, carry), (guest.State.Eax & 0xFF, guest.State.Has(Eflags.Carry)));
    }

    [Fact]
    public void Das_OfEveryPairOfDigits_GivesDecimalDifference()
    {
        for (int left = 0; left < 100; left += 7)
        {
            for (int right = 0; right < 100; right += 3)
            {
                BareGuest guest = new BareGuest(a =>
                {
                    a.mov(al, (byte)((left / 10 * 16) + (left % 10)));
                    a.sub(al, (byte)((right / 10 * 16) + (right % 10)));
                    a.das();
                    a.hlt();
                }).Run();

                int difference = (left - right + 100) % 100;
                Assert.Equal((uint)((difference / 10 * 16) + (difference % 10)), guest.State.Eax & 0xFF);
                Assert.Equal(left < right, guest.State.Has(Eflags.Carry));
            }
        }
    }

    [Fact]
    public void Aam_ByZero_RaisesDivideError() => Assert.Equal(0, new BareGuest([0xD4, 0x00]).Run().Vector);

    private static BareGuest Divide(Action<Assembler> divide, uint high, uint low, uint divisor) => new BareGuest(a =>
    {
        a.mov(edx, high);
        a.mov(eax, low);
        a.mov(ecx, divisor);
        divide(a);
        a.hlt();
    }).Run();
}
