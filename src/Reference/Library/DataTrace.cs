namespace X86Pae.Reference.Library;

/// <summary>The physical addresses that the last access has reached, in order.</summary>
internal sealed class DataTrace
{
    private readonly ulong[] _addresses = new ulong[4];

    /// <summary>Number of addresses: two for each page of a read-modify-write, one for each page of anything else.</summary>
    public int Count { get; private set; }

    public ulong this[int index] => _addresses[index];

    public void Clear() => Count = 0;

    public void Add(ulong address) => _addresses[Count++] = address;
}

/// <summary>Timing that charges nothing and notes where accesses go.</summary>
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
