// A segment descriptor of the GDT or LDT. Intel SDM vol. 3, 3.4.5 and 3.5.
//
//   63       56  55  54  53  52  51     48 47  46 45  44  43    40 39              16 15              0
//  +-----------+---+---+---+---+----------+---+-----+---+--------+------------------+-----------------+
//  | base31:24 | G |D/B| 0 |AVL| lim19:16 | P | DPL | S |  type  |    base 23:0     |   limit 15:0    |
//  +-----------+---+---+---+---+----------+---+-----+---+--------+------------------+-----------------+
//
//  S = 1   type: code, conforming, readable, accessed; or data: expand-down, writable, accessed
//  S = 0   type: 2 LDT, 9 available 32-bit TSS, Bh busy 32-bit TSS, Ch call gate; the others are 16-bit or reserved

namespace X86Pae.Samples.Processor.Registers;

/// <summary>Eight bytes of a descriptor table.</summary>
/// <param name="Raw">The bytes as they lie in memory, the first lowest.</param>
public readonly record struct SegmentDescriptor(ulong Raw)
{
    public const int LocalTable = 2;
    public const int AvailableTask = 9;
    public const int BusyTask = 11;

    /// <summary>Offset of the byte that holds P, DPL, S and type.</summary>
    public const int AccessByte = 5;

    private const ulong AccessedBit = 1UL << 40;

    public uint Base => ((uint)(Raw >> 16) & 0x00FF_FFFF) | ((uint)(Raw >> 32) & 0xFF00_0000);

    /// <summary>Offset of the last byte, or of the one below the first where the segment expands down.</summary>
    public uint Limit
    {
        get
        {
            uint limit = (uint)(Raw & 0xFFFF) | ((uint)(Raw >> 32) & 0x000F_0000);
            return Bit(55) ? (limit << 12) | 0xFFF : limit;
        }
    }

    public int Type => (int)(Raw >> 40) & 0xF;

    public int Dpl => (int)(Raw >> 45) & 3;

    public bool IsPresent => Bit(47);

    public bool IsSystem => !Bit(44);

    public bool IsCode => !IsSystem && Bit(43);

    public bool IsData => !IsSystem && !Bit(43);

    public bool IsConforming => IsCode && Bit(42);

    public bool IsExpandDown => IsData && Bit(42);

    public bool IsReadable => IsData || (IsCode && Bit(41));

    public bool IsWritable => IsData && Bit(41);

    /// <summary>D/B: 32-bit code, or a stack that uses ESP.</summary>
    public bool Is32Bit => Bit(54);

    public bool IsAccessed => (Raw & AccessedBit) != 0;

    /// <summary>The same descriptor after a load of the segment.</summary>
    public SegmentDescriptor Accessed => new(Raw | AccessedBit);

    private bool Bit(int number) => ((Raw >> number) & 1) != 0;
}
