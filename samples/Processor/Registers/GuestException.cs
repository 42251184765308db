using X86Pae.Paging;

namespace X86Pae.Samples.Processor.Registers;

/// <summary>An exception of the guest: a value that an instruction hands to the processor, never a .NET exception.</summary>
/// <param name="Vector">The vector.</param>
/// <param name="ErrorCode">The error code that is pushed below EIP; null for a vector without one.</param>
/// <param name="Cr2">The address of a page fault; 0 for the others.</param>
internal readonly record struct GuestException(ExceptionVector Vector, uint? ErrorCode = null, uint Cr2 = 0)
{
    public static GuestException DivideError => new(ExceptionVector.DivideError);

    public static GuestException UndefinedOpcode => new(ExceptionVector.UndefinedOpcode);

    public static GuestException DeviceNotAvailable => new(ExceptionVector.DeviceNotAvailable);

    public static GuestException DoubleFault => new(ExceptionVector.DoubleFault, 0);

    public static GuestException AlignmentCheck => new(ExceptionVector.AlignmentCheck, 0);

    /// <summary>#GP(0), the answer to most violations.</summary>
    public static GuestException GeneralProtection => new(ExceptionVector.GeneralProtection, 0);

    /// <summary>#SS(0), the answer to a violation by an access through SS.</summary>
    public static GuestException StackFault => new(ExceptionVector.StackFault, 0);

    /// <summary>Whether the saved EIP is that of the instruction that raised it, for a restart. #DB is a trap here.</summary>
    public bool IsFault => Vector != ExceptionVector.Debug;

    /// <summary>The #PF that delivers a fault of the MMU. Error code and CR2 are those that the MMU gives.</summary>
    /// <param name="fault">The result of an access.</param>
    public static GuestException PageFault(PageFault fault) =>
        new(ExceptionVector.PageFault, (uint)fault.ErrorCode, fault.Cr2);

    /// <summary>An exception that names a selector. Bits 1:0 of its error code are EXT and IDT, not the RPL.</summary>
    /// <param name="vector">#TS, #NP, #SS or #GP.</param>
    /// <param name="selector">The selector; 0 if there is none to name.</param>
    /// <param name="isExternal">EXT: raised while an exception was being delivered.</param>
    public static GuestException OnSelector(ExceptionVector vector, ushort selector, bool isExternal = false) =>
        new(vector, (selector & 0xFFFCu) | (isExternal ? 1u : 0));

    /// <summary>The exception to deliver after <paramref name="second"/> has prevented the delivery of this one.</summary>
    /// <param name="second">The exception that arose during the delivery.</param>
    /// <returns>The second one, or a double fault, or null for a shutdown (Intel SDM vol. 3, table 6-5).</returns>
    public GuestException? Then(GuestException second) => Vector switch
    {
        ExceptionVector.DoubleFault => null,
        ExceptionVector.PageFault when second.IsContributory || second.Vector == ExceptionVector.PageFault => DoubleFault,
        _ when IsContributory && second.IsContributory => DoubleFault,
        _ => second,
    };

    private bool IsContributory => Vector is ExceptionVector.DivideError or ExceptionVector.InvalidTss
        or ExceptionVector.SegmentNotPresent or ExceptionVector.StackFault or ExceptionVector.GeneralProtection;
}

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
