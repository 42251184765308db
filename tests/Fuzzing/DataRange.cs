namespace X86Pae.Fuzzing;

/// <summary>The bytes of an operand in physical memory, in one page or two.</summary>
internal readonly record struct DataRange(ulong First, int FirstLength, ulong Second = 0, int SecondLength = 0)
{
    public bool Contains(ulong address) =>
        (address >= First && address < First + (ulong)FirstLength)
        || (address >= Second && address < Second + (ulong)SecondLength);

    /// <summary>Physical address of a byte of the operand.</summary>
    public ulong AddressOf(int index) => index < FirstLength ? First + (ulong)index : Second + (ulong)(index - FirstLength);
}
