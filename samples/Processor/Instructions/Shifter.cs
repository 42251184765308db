using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>Shifts and rotates by a count of at least 1, with their flags.</summary>
/// <remarks>The manual defines OF for a count of 1 only; here every count sets it by that rule.</remarks>
internal static class Shifter
{
    private const Eflags CarryAndOverflow = Eflags.Carry | Eflags.Overflow;

    public static uint Compute(ShiftFunction function, uint value, int count, int size, ref Eflags flags) => function switch
    {
        ShiftFunction.RotateLeft => RotateLeft(value, count, size, ref flags),
        ShiftFunction.RotateRight => RotateRight(value, count, size, ref flags),
        ShiftFunction.RotateLeftThroughCarry => RotateThroughCarry(value, count, size, isLeft: true, ref flags),
        ShiftFunction.RotateRightThroughCarry => RotateThroughCarry(value, count, size, isLeft: false, ref flags),
        ShiftFunction.ShiftLeft => ShiftLeft(value, count, size, ref flags),
        ShiftFunction.ShiftRight => ShiftRight(value, (uint)value, count, size, ref flags),
        _ => ShiftRight(value, OperandSize.SignExtend(value, size), count, size, ref flags),
    };

    /// <summary>SHLD and SHRD.</summary>
    /// <param name="value">The destination.</param>
    /// <param name="source">The operand whose bits are shifted in.</param>
    /// <param name="count">1 to 31; above the operand's width the result is undefined.</param>
    /// <param name="size">2 or 4.</param>
    /// <param name="isLeft">SHLD.</param>
    /// <param name="flags">All status flags but AF are replaced.</param>
    public static uint ShiftDouble(uint value, uint source, int count, int size, bool isLeft, ref Eflags flags)
    {
        int bits = 8 * size;
        ulong both = isLeft ? ((ulong)value << bits) | source : ((ulong)source << bits) | value;
        uint result = (uint)(isLeft ? (both << count) >> bits : both >> count) & OperandSize.Mask(size);
        bool carry = Bit(both, isLeft ? (2 * bits) - count : count - 1);
        bool overflow = ((value ^ result) & OperandSize.SignBit(size)) != 0;
        SetAllButAuxiliary(ref flags, carry, overflow, result, size);
        return result;
    }

    private static uint ShiftLeft(uint value, int count, int size, ref Eflags flags)
    {
        ulong wide = (ulong)value << count;
        uint result = (uint)wide & OperandSize.Mask(size);
        bool carry = Bit(wide, 8 * size);
        SetAllButAuxiliary(ref flags, carry, Sign(result, size) != carry, result, size);
        return result;
    }

    /// <summary>SHR and SAR, which differ in the bits that they shift in: those of <paramref name="extended"/>.</summary>
    private static uint ShiftRight(uint value, long extended, int count, int size, ref Eflags flags)
    {
        uint result = (uint)(extended >> count) & OperandSize.Mask(size);
        bool carry = Bit((ulong)extended, count - 1);

        // SHR sets OF to the old sign. SAR clears it, because its new sign is the old one.
        bool overflow = extended >= 0 && Sign(value, size);
        SetAllButAuxiliary(ref flags, carry, overflow, result, size);
        return result;
    }

    private static uint RotateLeft(uint value, int count, int size, ref Eflags flags)
    {
        uint result = Rotate(value, count % (8 * size), size);
        bool carry = (result & 1) != 0;
        Replace(ref flags, carry, Sign(result, size) != carry);
        return result;
    }

    private static uint RotateRight(uint value, int count, int size, ref Eflags flags)
    {
        int bits = 8 * size;
        uint result = Rotate(value, bits - (count % bits), size);
        bool carry = Sign(result, size);
        Replace(ref flags, carry, carry != Bit(result, bits - 2));
        return result;
    }

    private static uint RotateThroughCarry(uint value, int count, int size, bool isLeft, ref Eflags flags)
    {
        // The operand and CF form a ring of 9, 17 or 33 bits, CF highest.
        int bits = (8 * size) + 1;
        int left = isLeft ? count % bits : bits - (count % bits);
        ulong ring = value | ((flags & Eflags.Carry) != 0 ? 1UL << (bits - 1) : 0);
        ring = (ring << left) | (ring >> (bits - left));
        uint result = (uint)ring & OperandSize.Mask(size);
        bool carry = Bit(ring, bits - 1);
        bool overflow = isLeft ? Sign(result, size) != carry : Sign(result, size) != Bit(result, bits - 3);
        Replace(ref flags, carry, overflow);
        return result;
    }

    private static uint Rotate(uint value, int left, int size) =>
        (uint)(((ulong)value << left) | ((ulong)value >> ((8 * size) - left))) & OperandSize.Mask(size);

    private static bool Bit(ulong value, int number) => ((value >> number) & 1) != 0;

    private static bool Sign(uint value, int size) => (value & OperandSize.SignBit(size)) != 0;

    private static void Replace(ref Eflags flags, bool carry, bool overflow) => flags = (flags & ~CarryAndOverflow)
        | StatusFlags.If(carry, Eflags.Carry) | StatusFlags.If(overflow, Eflags.Overflow);

    private static void SetAllButAuxiliary(ref Eflags flags, bool carry, bool overflow, uint result, int size)
    {
        Eflags auxiliary = flags & Eflags.Auxiliary;
        StatusFlags.Replace(ref flags, auxiliary | StatusFlags.Of(result, size));
        Replace(ref flags, carry, overflow);
    }
}

/// <summary>ROL to SAR.</summary>
internal enum ShiftFunction
{
    RotateLeft,
    RotateRight,
    RotateLeftThroughCarry,
    RotateRightThroughCarry,
    ShiftLeft,
    ShiftRight,
    ShiftRightArithmetic,
}
