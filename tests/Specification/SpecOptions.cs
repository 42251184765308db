namespace X86Pae.Specification;

/// <summary>The choices the architecture leaves open (docs/rules.md, last section).</summary>
public sealed record SpecOptions(
    bool PdpteOnDemand = false,
    bool CheckReservedInNotPresentPdpte = false,
    bool AccessedOnlyOnSuccess = false,
    bool TaskSwitchRaisesInvalidTss = false,
    bool FaultsFromCachedRights = false);
