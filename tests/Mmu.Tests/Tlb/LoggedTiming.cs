namespace X86Pae.Tests.Tlb;

/// <summary>Writes down every call.</summary>
internal readonly struct LoggedTiming(TimingLog log) : ITiming
{
    public void TranslationRequested() => log.Add(nameof(TranslationRequested));

    public void LoadLevelMissed() => log.Add(nameof(LoadLevelMissed));

    public void FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel) =>
        log.Add(nameof(FirstLevelMissed), 0, isFetch, hasSecondLevel, inSecondLevel);

    public void WalkStarted() => log.Add(nameof(WalkStarted));

    public void TableLoaded(ulong address, bool isCached) => log.Add(nameof(TableLoaded), address, isCached);

    public void TableUpdated(ulong address) => log.Add(nameof(TableUpdated), address);

    public void DataAccessed(ulong address, bool isCached) => log.Add(nameof(DataAccessed), address, isCached);

    public void PageInvalidated() => log.Add(nameof(PageInvalidated));

    public void PcidInvalidated() => log.Add(nameof(PcidInvalidated));

    public void PdptesLoaded(ulong address) => log.Add(nameof(PdptesLoaded), address);

    public void Cr3Written() => log.Add(nameof(Cr3Written));

    public void Cr4Written(bool pgeChanged) => log.Add(nameof(Cr4Written), 0, pgeChanged);

    public void PageFaultDelivered() => log.Add(nameof(PageFaultDelivered));

    public void PageFaultReturned() => log.Add(nameof(PageFaultReturned));
}
