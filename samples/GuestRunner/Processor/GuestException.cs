using X86Pae.Paging;

namespace X86Pae.GuestRunner.Processor;

/// <summary>An exception of the guest: a value that instructions hand to the processor, never a .NET exception.</summary>
/// <param name="Vector">Which.</param>
/// <param name="ErrorCode">What is pushed below EIP; null for a vector without an error code.</param>
/// <param name="Cr2">The address of a page fault; 0 for the others.</param>
internal readonly record struct GuestException(ExceptionVector Vector, uint? ErrorCode = null, uint Cr2 = 0)
{
    public static GuestException DivideError => new(ExceptionVector.DivideError);

    public static GuestException UndefinedOpcode => new(ExceptionVector.UndefinedOpcode);

    public static GuestException DeviceNotAvailable => new(ExceptionVector.DeviceNotAvailable);

    public static GuestException DoubleFault => new(ExceptionVector.DoubleFault, 0);

    public static GuestException AlignmentCheck => new(ExceptionVector.AlignmentCheck, 0);

    /// <summary>#GP(0), which most violations come to.</summary>
    public static GuestException GeneralProtection => new(ExceptionVector.GeneralProtection, 0);

    /// <summary>#SS(0): the same for accesses through SS.</summary>
    public static GuestException StackFault => new(ExceptionVector.StackFault, 0);

    /// <summary>Whether it reports the instruction that could not be done, which may then be restarted; #DB here is a trap.</summary>
    public bool IsFault => Vector != ExceptionVector.Debug;

    /// <summary>What the library reported, as what the processor delivers: both halves are the same numbers.</summary>
    /// <param name="fault">The result of an access.</param>
    public static GuestException PageFault(PageFault fault) =>
        new(ExceptionVector.PageFault, (uint)fault.ErrorCode, fault.Cr2);

    /// <summary>An exception that names a selector: bits 1:0 of the code are not the RPL, but say where it came from.</summary>
    /// <param name="vector">#TS, #NP, #SS or #GP.</param>
    /// <param name="selector">The selector; 0 where there is none to name.</param>
    /// <param name="isExternal">EXT: raised while an exception was being delivered.</param>
    public static GuestException OnSelector(ExceptionVector vector, ushort selector, bool isExternal = false) =>
        new(vector, (selector & 0xFFFCu) | (isExternal ? 1u : 0));

    /// <summary>What is delivered when <paramref name="second"/> arises during the delivery of this one.</summary>
    /// <param name="second">The exception that prevented the delivery.</param>
    /// <returns>The second one, a double fault, or null: shutdown (Intel SDM vol. 3, table 6-5).</returns>
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
