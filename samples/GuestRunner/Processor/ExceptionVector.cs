namespace X86Pae.GuestRunner.Processor;

/// <summary>The exceptions that this processor raises (Intel SDM vol. 3, table 6-1).</summary>
internal enum ExceptionVector : byte
{
    DivideError = 0,
    Debug = 1,
    Breakpoint = 3,
    Overflow = 4,
    BoundRange = 5,
    UndefinedOpcode = 6,
    DeviceNotAvailable = 7,
    DoubleFault = 8,
    InvalidTss = 10,
    SegmentNotPresent = 11,
    StackFault = 12,
    GeneralProtection = 13,
    PageFault = 14,
    AlignmentCheck = 17,
}
