namespace X86Pae.Tests.Embedding;

/// <summary>What a host's monitor, debugger and peripherals ask of a CPU.</summary>
internal interface ICpuWithMmu
{
    uint PageSize { get; }

    bool TryTranslateAddress(ulong logicalAddress, MpuAccess access, out ulong physicalAddress);

    void FlushTlb();

    void FlushTlbPage(ulong address);
}
