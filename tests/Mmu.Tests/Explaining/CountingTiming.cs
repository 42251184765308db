namespace X86Pae.Tests.Explaining;

/// <summary>Writes down every event of an MMU.</summary>
internal readonly struct CountingTiming(WalkCounts counts) : ITiming
{
    public void TranslationRequested() => counts.Events.Add(("translation", 0));

    public void LoadLevelMissed() => counts.Events.Add(("load level", 0));

    public void FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel) =>
        counts.Events.Add((inSecondLevel ? "second level" : "no level", 0));

    public void WalkStarted() => counts.Events.Add(("walk", 0));

    public void TableLoaded(ulong address, bool isCached) => counts.Events.Add(("load", address));

    public void TableUpdated(ulong address) => counts.Events.Add(("update", address));

    public void DataAccessed(ulong address, bool isCached) => counts.Events.Add(("data", address));

    public void PageInvalidated() => counts.Events.Add(("invlpg", 0));

    public void PcidInvalidated() => counts.Events.Add(("invpcid", 0));

    public void PdptesLoaded(ulong address) => counts.Events.Add(("pdptes", address));

    public void Cr3Written() => counts.Events.Add(("cr3", 0));

    public void Cr4Written(bool pgeChanged) => counts.Events.Add(("cr4", 0));

    public void PageFaultDelivered() => counts.Events.Add(("fault", 0));

    public void PageFaultReturned() => counts.Events.Add(("iret", 0));
}
