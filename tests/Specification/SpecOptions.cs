namespace X86Pae.Specification;

/// <summary>The choices the architecture leaves open (pae-paging 2.2, 2.4, 5.2, 6.3).</summary>
public sealed record SpecOptions(
    bool PdpteOnDemand = false,
    bool CheckReservedInNotPresentPdpte = false,
    bool AccessedOnlyOnSuccess = false,
    bool TaskSwitchRaisesInvalidTss = false,
    bool FaultsFromCachedRights = false);
