namespace X86Pae.Tests.Tlb;

/// <summary>The timing that only counts.</summary>
internal readonly struct WalkCounting(WalkCounter counter) : ITiming
{
    public void TranslationRequested()
    {
    }

    public void LoadLevelMissed()
    {
    }

    public void FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel)
    {
    }

    public void WalkStarted() => counter.Walks++;

    public void TableLoaded(ulong address, bool isCached) => counter.Loads++;

    public void TableUpdated(ulong address) => counter.Updates++;

    public void DataAccessed(ulong address, bool isCached) => counter.DataAccesses++;

    public void PageInvalidated()
    {
    }

    public void PcidInvalidated()
    {
    }

    public void PdptesLoaded(ulong address)
    {
    }

    public void Cr3Written()
    {
    }

    public void Cr4Written(bool pgeChanged)
    {
    }

    public void PageFaultDelivered()
    {
    }

    public void PageFaultReturned()
    {
    }
}
