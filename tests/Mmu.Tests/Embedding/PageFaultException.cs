using X86Pae.Paging;

namespace X86Pae.Tests.Embedding;

/// <summary>How a host unwinds an instruction that faults.</summary>
internal sealed class PageFaultException(PageFaultErrorCode errorCode) : Exception($"#PF({errorCode})")
{
    public PageFaultErrorCode ErrorCode => errorCode;
}
