using X86Pae.Timing;

namespace X86Pae.Fuzzing;

/// <summary>Charges nothing, and notes where accesses go.</summary>
internal readonly struct DataTraceTiming(DataTrace trace) : ITiming
{
    public void LoadLevelMissed()
    {
    }

    public void FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel)
    {
    }

    public void WalkStarted()
    {
    }

    public void TableLoaded(ulong address)
    {
    }

    public void TableUpdated(ulong address)
    {
    }

    public void DataAccessed(ulong address) => trace.Add(address);

    public void PageInvalidated()
    {
    }

    public void Cr3Written()
    {
    }

    public void Cr4Written(bool pgeChanged)
    {
    }
}
