namespace X86Pae.GuestRunner.Instructions;

/// <summary>Masks of operands of 1, 2 and 4 bytes, which are all computed with in 32 bits.</summary>
internal static class OperandSize
{
    /// <summary>All bits of an operand.</summary>
    public static uint Mask(int size) => uint.MaxValue >> (32 - (8 * size));

    /// <summary>Its highest bit.</summary>
    public static uint SignBit(int size) => 1u << ((8 * size) - 1);

    public static int SignExtend(uint value, int size)
    {
        int unused = 32 - (8 * size);
        return (int)(value << unused) >> unused;
    }
}
