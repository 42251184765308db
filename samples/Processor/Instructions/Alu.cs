using System.Numerics;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>Arithmetic and logic with their flags. Operands and results are extended with zeros.</summary>
internal static class Alu
{
    private const uint AuxiliaryBit = 0x10;

    public static uint Compute(AluFunction function, uint left, uint right, int size, ref Eflags flags) => function switch
    {
        AluFunction.Add => Add(left, right, 0, size, ref flags),
        AluFunction.AddWithCarry => Add(left, right, Carry(flags), size, ref flags),
        AluFunction.Subtract => Subtract(left, right, 0, size, ref flags),
        AluFunction.SubtractWithBorrow => Subtract(left, right, Carry(flags), size, ref flags),
        AluFunction.And => Logic(left & right, size, ref flags),
        AluFunction.Or => Logic(left | right, size, ref flags),
        _ => Logic(left ^ right, size, ref flags),
    };

    public static uint Add(uint left, uint right, uint carry, int size, ref Eflags flags)
    {
        ulong sum = (ulong)left + right + carry;
        uint result = (uint)sum & OperandSize.Mask(size);
        uint overflow = (left ^ result) & (right ^ result) & OperandSize.SignBit(size);
        Set(ref flags, sum > OperandSize.Mask(size), left ^ right ^ result, overflow, result, size);
        return result;
    }

    public static uint Subtract(uint left, uint right, uint borrow, int size, ref Eflags flags)
    {
        uint result = (left - right - borrow) & OperandSize.Mask(size);
        uint overflow = (left ^ right) & (left ^ result) & OperandSize.SignBit(size);
        Set(ref flags, left < (ulong)right + borrow, left ^ right ^ result, overflow, result, size);
        return result;
    }

    /// <summary>AND, OR, XOR and TEST clear CF and OF. They also clear AF, which is undefined, as most processors do.</summary>
    public static uint Logic(uint result, int size, ref Eflags flags)
    {
        StatusFlags.Replace(ref flags, StatusFlags.Of(result, size));
        return result;
    }

    private static uint Carry(Eflags flags) => (uint)(flags & Eflags.Carry);

    private static void Set(ref Eflags flags, bool carry, uint carries, uint overflow, uint result, int size) =>
        StatusFlags.Replace(
            ref flags,
            StatusFlags.If(carry, Eflags.Carry)
            | StatusFlags.If((carries & AuxiliaryBit) != 0, Eflags.Auxiliary)
            | StatusFlags.If(overflow != 0, Eflags.Overflow)
            | StatusFlags.Of(result, size));
}

/// <summary>Functions of two operands. CMP is a subtraction, and TEST an AND, whose result is dropped.</summary>
internal enum AluFunction
{
    Add,
    AddWithCarry,
    Subtract,
    SubtractWithBorrow,
    And,
    Or,
    Xor,
}

/// <summary>SF, ZF and PF, which depend on the result alone (Intel SDM vol. 1, 3.4.3.1).</summary>
internal static class StatusFlags
{
    /// <summary>The three flags of a result.</summary>
    /// <param name="result">The result, no wider than the operand.</param>
    /// <param name="size">Width of the operand in bytes.</param>
    public static Eflags Of(uint result, int size) =>
        (result == 0 ? Eflags.Zero : 0)
        | ((result & OperandSize.SignBit(size)) != 0 ? Eflags.Sign : 0)
        | ((BitOperations.PopCount((byte)result) & 1) == 0 ? Eflags.Parity : 0);

    public static Eflags If(bool condition, Eflags flag) => condition ? flag : 0;

    /// <summary>Replaces all six status flags.</summary>
    public static void Replace(ref Eflags flags, Eflags status) => flags = (flags & ~Eflags.Status) | status;
}
