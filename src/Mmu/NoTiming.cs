namespace X86Pae;

/// <summary>Charges nothing, at no cost: the functional MMU.</summary>
public readonly struct NoTiming : ITiming
{
    /// <inheritdoc/>
    public void TranslationRequested()
    {
    }

    /// <inheritdoc/>
    public void LoadLevelMissed()
    {
    }

    /// <inheritdoc/>
    public void FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel)
    {
    }

    /// <inheritdoc/>
    public void WalkStarted()
    {
    }

    /// <inheritdoc/>
    public void TableLoaded(ulong address, bool isCached)
    {
    }

    /// <inheritdoc/>
    public void TableUpdated(ulong address)
    {
    }

    /// <inheritdoc/>
    public void DataAccessed(ulong address, bool isCached)
    {
    }

    /// <inheritdoc/>
    public void PageInvalidated()
    {
    }

    /// <inheritdoc/>
    public void PcidInvalidated()
    {
    }

    /// <inheritdoc/>
    public void PdptesLoaded(ulong address)
    {
    }

    /// <inheritdoc/>
    public void Cr3Written()
    {
    }

    /// <inheritdoc/>
    public void Cr4Written(bool pgeChanged)
    {
    }

    /// <inheritdoc/>
    public void PageFaultDelivered()
    {
    }

    /// <inheritdoc/>
    public void PageFaultReturned()
    {
    }
}
