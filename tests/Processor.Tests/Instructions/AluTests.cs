using X86Pae.Samples.Processor.Instructions;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Tests.Instructions;

// Each flag is predicted from what it means, in wide arithmetic, not from the bits that the implementation combines.
public class AluTests
{
    private const Eflags Kept = Eflags.Fixed | Eflags.InterruptEnable | Eflags.Direction;

    [Theory]
    [InlineData(AluFunction.Add, false)]
    [InlineData(AluFunction.AddWithCarry, false)]
    [InlineData(AluFunction.AddWithCarry, true)]
    [InlineData(AluFunction.Subtract, false)]
    [InlineData(AluFunction.SubtractWithBorrow, false)]
    [InlineData(AluFunction.SubtractWithBorrow, true)]
    [InlineData(AluFunction.And, true)]
    [InlineData(AluFunction.Or, true)]
    [InlineData(AluFunction.Xor, true)]
    internal void Compute_AllBytes_GivesResultAndFlags(AluFunction function, bool carryIn)
    {
        for (uint left = 0; left < 256; left++)
        {
            for (uint right = 0; right < 256; right++)
            {
                Check(function, left, right, size: 1, carryIn);
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Compute_EdgesOfWiderOperands_GivesResultAndFlags(int size)
    {
        uint mask = size == 2 ? 0xFFFF : uint.MaxValue;
        uint sign = mask ^ (mask >> 1);
        uint[] edges = [0, 1, 7, 8, 0xF, 0x10, 0x7F, 0x80, 0xFF, 0x100, sign - 1, sign, sign + 1, mask - 1, mask];
        foreach (AluFunction function in Enum.GetValues<AluFunction>())
        {
            foreach (uint left in edges)
            {
                foreach (uint right in edges)
                {
                    Check(function, left, right, size, carryIn: false);
                    Check(function, left, right, size, carryIn: true);
                }
            }
        }
    }

    private static void Check(AluFunction function, uint left, uint right, int size, bool carryIn)
    {
        Eflags flags = Kept | (carryIn ? Eflags.Carry : 0);
        uint result = Alu.Compute(function, left, right, size, ref flags);

        (uint expected, Eflags status) = Predict(function, left, right, size, carryIn);
        Assert.True(
            (result, flags) == (expected, Kept | status),
            $"{function} {left:X} {right:X} carry {carryIn}: {result:X} {flags}, expected {expected:X} {Kept | status}");
    }

    private static (uint Result, Eflags Flags) Predict(AluFunction function, uint left, uint right, int size, bool carryIn)
    {
        long modulus = 1L << (8 * size);
        long carry = carryIn && function is AluFunction.AddWithCarry or AluFunction.SubtractWithBorrow && carryIn ? 1 : 0;
        (bool isSum, bool isDifference) = (
            function is AluFunction.Add or AluFunction.AddWithCarry,
            function is AluFunction.Subtract or AluFunction.SubtractWithBorrow);
        long unsigned = isSum ? left + (long)right + carry : isDifference ? left - (long)right - carry : function switch
        {
            AluFunction.And => left & right,
            AluFunction.Or => left | right,
            _ => left ^ right,
        };
        long signed = isSum ? Signed(left, modulus) + Signed(right, modulus) + carry
            : isDifference ? Signed(left, modulus) - Signed(right, modulus) - carry
            : Signed(unsigned, modulus);
        long nibble = isSum ? (left % 16) + (right % 16) + carry : isDifference ? (left % 16) - (long)(right % 16) - carry : 0;

        long result = ((unsigned % modulus) + modulus) % modulus;
        int ones = Enumerable.Range(0, 8).Count(bit => ((result >> bit) & 1) == 1);
        Eflags flags = (unsigned < 0 || unsigned >= modulus ? Eflags.Carry : 0)
            | (ones % 2 == 0 ? Eflags.Parity : 0)
            | (nibble is < 0 or > 15 ? Eflags.Auxiliary : 0)
            | (result == 0 ? Eflags.Zero : 0)
            | (result >= modulus / 2 ? Eflags.Sign : 0)
            | (signed < -modulus / 2 || signed >= modulus / 2 ? Eflags.Overflow : 0);
        return ((uint)result, flags);
    }

    private static long Signed(long value, long modulus) => value >= modulus / 2 ? value - modulus : value;
}
