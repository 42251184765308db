namespace X86Pae.Samples.Processor.Registers;

/// <summary>EFLAGS (Intel SDM vol. 1, 3.4.3).</summary>
[Flags]
public enum Eflags : uint
{
    None = 0,
    Carry = 1u << 0,

    /// <summary>Bit 1, which always reads as 1.</summary>
    Fixed = 1u << 1,
    Parity = 1u << 2,
    Auxiliary = 1u << 4,
    Zero = 1u << 6,
    Sign = 1u << 7,
    Trap = 1u << 8,
    InterruptEnable = 1u << 9,
    Direction = 1u << 10,
    Overflow = 1u << 11,
    IoPrivilegeLevel = 3u << 12,
    NestedTask = 1u << 14,
    Resume = 1u << 16,
    Virtual8086 = 1u << 17,
    AlignmentCheck = 1u << 18,
    VirtualInterrupt = 1u << 19,
    VirtualInterruptPending = 1u << 20,
    Identification = 1u << 21,

    /// <summary>The six status flags, which arithmetic sets.</summary>
    Status = Carry | Parity | Auxiliary | Zero | Sign | Overflow,
}
