// A gate of the IDT. Intel SDM vol. 3, 6.11.
//
//   63              48 47  46 45  44  43    40 39       32 31              16 15              0
//  +------------------+---+-----+---+--------+------------+------------------+-----------------+
//  |   offset 31:16   | P | DPL | 0 |  type  |     0      |     selector     |   offset 15:0   |
//  +------------------+---+-----+---+--------+------------+------------------+-----------------+
//
//  type   Eh interrupt gate: clears IF; Fh trap gate: leaves it; 5 task gate; 6, 7 the 16-bit ones

namespace X86Pae.Samples.Processor.Interrupts;

/// <summary>Eight bytes of the IDT.</summary>
/// <param name="Raw">The bytes as they lie in memory, the first lowest.</param>
internal readonly record struct InterruptGate(ulong Raw)
{
    public const uint SizeInBytes = 8;

    public ushort Selector => (ushort)(Raw >> 16);

    public uint Offset => (ushort)Raw | ((uint)(Raw >> 32) & 0xFFFF_0000);

    public int Dpl => (int)(Raw >> 45) & 3;

    public bool IsPresent => ((Raw >> 47) & 1) != 0;

    /// <summary>Whether IF is cleared on entry.</summary>
    public bool MasksInterrupts => Type == 0xE;

    public bool Is32Bit => Type is 0xE or 0xF;

    /// <summary>Whether this is a task gate or a 16-bit gate, which this processor leaves out.</summary>
    public bool IsUnsupported => Type is 5 or 6 or 7;

    private int Type => (int)(Raw >> 40) & 0x1F;
}
