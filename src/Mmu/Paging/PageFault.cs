namespace X86Pae.Paging;

/// <summary>A page fault to deliver: a result, never an exception of the host.</summary>
/// <param name="ErrorCode">The error code to push.</param>
/// <param name="Cr2">The linear byte address to put into CR2; for the second page of a crossing access, its first byte.</param>
public readonly record struct PageFault(PageFaultErrorCode ErrorCode, uint Cr2);
