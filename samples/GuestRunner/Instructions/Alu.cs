using X86Pae.GuestRunner.Processor;

namespace X86Pae.GuestRunner.Instructions;

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

    /// <summary>AND, OR, XOR, TEST: CF and OF clear; AF is undefined, and clear here as on most processors.</summary>
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
