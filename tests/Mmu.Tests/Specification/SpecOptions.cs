namespace X86Pae.Tests.Specification;

/// <summary>The choices the architecture leaves open (pae-paging 2.2, 2.4, 5.2).</summary>
internal sealed record SpecOptions(
    bool PdpteOnDemand = false,
    bool CheckReservedInNotPresentPdpte = false,
    bool AccessedOnlyOnSuccess = false);
