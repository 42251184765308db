using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Instructions;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Tests.Instructions;

// The prediction moves one bit at a time, as the manual's pseudocode does.
public class ShifterTests
{
    [Fact]
    public void Compute_AllBytesAndCounts_GivesResultAndCarry()
    {
        foreach (ShiftFunction function in Enum.GetValues<ShiftFunction>())
        {
            for (uint value = 0; value < 256; value++)
            {
                for (int count = 1; count < 32; count++)
                {
                    Check(function, value, count, size: 1, carryIn: (value & 4) != 0);
                }
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Compute_WiderOperands_GivesResultAndCarry(int size)
    {
        var random = new Random(11);
        foreach (ShiftFunction function in Enum.GetValues<ShiftFunction>())
        {
            for (int i = 0; i < 2000; i++)
            {
                uint value = (uint)random.NextInt64(1L << (8 * size));
                Check(function, value, random.Next(1, 32), size, carryIn: i % 2 == 0);
            }
        }
    }

    [Theory]
    [InlineData(2, 16)]
    [InlineData(4, 31)]
    public void ShiftDouble_AllCounts_GivesResultAndCarry(int size, int maxCount)
    {
        var random = new Random(12);
        int bits = 8 * size;
        for (int i = 0; i < 2000; i++)
        {
            uint value = (uint)random.NextInt64(1L << bits);
            uint source = (uint)random.NextInt64(1L << bits);
            int count = random.Next(1, maxCount + 1);
            (uint left, uint right, bool leftCarry, bool rightCarry) = (value, value, false, false);
            for (int bit = 0; bit < count; bit++)
            {
                leftCarry = ((left >> (bits - 1)) & 1) != 0;
                left = ((left << 1) | ((source >> (bits - 1 - bit)) & 1)) & OperandSize.Mask(size);
                rightCarry = (right & 1) != 0;
                right = (right >> 1) | (((source >> bit) & 1) << (bits - 1));
            }

            Eflags flags = Eflags.Auxiliary;
            Assert.Equal(left, Shifter.ShiftDouble(value, source, count, size, isLeft: true, ref flags));
            Assert.Equal(Expected(left, size, leftCarry, count, (left ^ value) >> (bits - 1) != 0), Defined(flags, count));
            flags = Eflags.Auxiliary;
            Assert.Equal(right, Shifter.ShiftDouble(value, source, count, size, isLeft: false, ref flags));
            Assert.Equal(Expected(right, size, rightCarry, count, (right ^ value) >> (bits - 1) != 0), Defined(flags, count));
        }
    }

    private static Eflags Expected(uint result, int size, bool carry, int count, bool signChanged)
    {
        int ones = Enumerable.Range(0, 8).Count(bit => ((result >> bit) & 1) == 1);
        return Eflags.Auxiliary | (carry ? Eflags.Carry : 0) | (ones % 2 == 0 ? Eflags.Parity : 0)
            | (result == 0 ? Eflags.Zero : 0) | (result >> ((8 * size) - 1) != 0 ? Eflags.Sign : 0)
            | (count == 1 && signChanged ? Eflags.Overflow : 0);
    }

    private static Eflags Defined(Eflags flags, int count) => count == 1 ? flags : flags & ~Eflags.Overflow;

    private static void Check(ShiftFunction function, uint value, int count, int size, bool carryIn)
    {
        Eflags flags = carryIn ? Eflags.Carry : 0;
        uint result = Shifter.Compute(function, value, count, size, ref flags);

        (uint expected, bool carry, bool overflow) = Predict(function, value, count, size, carryIn);
        bool isRotate = function <= ShiftFunction.RotateRightThroughCarry;
        Eflags status = isRotate ? 0 : Expected(expected, size, carry: false, count: 2, signChanged: false) & ~Eflags.Auxiliary;
        status |= (carry ? Eflags.Carry : 0) | (overflow && count == 1 ? Eflags.Overflow : 0);
        Assert.True(
            (result, Defined(flags, count)) == (expected, status),
            $"{function} {value:X} by {count} carry {carryIn}: {result:X} {flags}, expected {expected:X} {status}");
    }

    private static (uint Result, bool Carry, bool Overflow) Predict(
        ShiftFunction function, uint value, int count, int size, bool carry)
    {
        int top = (8 * size) - 1;
        uint mask = OperandSize.Mask(size);
        bool overflow = false;
        for (int i = 0; i < count; i++)
        {
            bool high = ((value >> top) & 1) != 0;
            bool low = (value & 1) != 0;
            uint oldCarry = carry ? 1u : 0;
            uint before = value;
            (value, carry) = function switch
            {
                ShiftFunction.RotateLeft => ((value << 1) | (high ? 1u : 0), high),
                ShiftFunction.RotateLeftThroughCarry => ((value << 1) | oldCarry, high),
                ShiftFunction.ShiftLeft => (value << 1, high),
                ShiftFunction.RotateRight => ((value >> 1) | ((low ? 1u : 0) << top), low),
                ShiftFunction.RotateRightThroughCarry => ((value >> 1) | (oldCarry << top), low),
                ShiftFunction.ShiftRight => (value >> 1, low),
                _ => ((value >> 1) | ((high ? 1u : 0) << top), low),
            };
            value &= mask;
            overflow = ((before ^ value) >> top) != 0; // for one bit, in each of them: the sign has changed
        }

        return (value, carry, overflow);
    }
}
