using X86Pae.Paging;

namespace X86Pae.Tests.Embedding;

/// <summary>What a host's monitor, debugger and peripherals ask of a CPU.</summary>
internal interface ICpuWithMmu
{
    uint PageSize { get; }

    bool TryTranslateAddress(ulong logicalAddress, MpuAccess access, out ulong physicalAddress);

    void FlushTlb();

    void FlushTlbPage(ulong address);
}

/// <summary>A host's own kinds of access.</summary>
public enum MpuAccess
{
    Read,
    Write,
    InstructionFetch,
}

/// <summary>A host's own idea of memory: anything that answers byte by byte.</summary>
internal interface IByteDevice
{
    byte Read(uint address);

    void Write(uint address, byte value);
}

/// <summary>How a host unwinds an instruction that faults.</summary>
internal sealed class PageFaultException(PageFaultErrorCode errorCode) : Exception($"#PF({errorCode})")
{
    public PageFaultErrorCode ErrorCode => errorCode;
}
