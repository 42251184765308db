namespace X86Pae.Fuzzing;

/// <summary>Charges nothing, and notes where accesses go.</summary>
internal readonly struct DataTraceTiming(DataTrace trace) : ITiming
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

    public void WalkStarted()
    {
    }

    public void TableLoaded(ulong address, bool isCached)
    {
    }

    public void TableUpdated(ulong address)
    {
    }

    public void DataAccessed(ulong address, bool isCached) => trace.Add(address);

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
