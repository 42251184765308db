using System.Numerics;
using X86Pae.GuestRunner.Processor;

namespace X86Pae.GuestRunner.Instructions;

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
