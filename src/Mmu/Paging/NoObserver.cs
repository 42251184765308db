namespace X86Pae.Paging;

/// <summary>Observes nothing, at no cost.</summary>
public readonly struct NoObserver : IWalkObserver
{
    /// <inheritdoc/>
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry)
    {
    }

    /// <inheritdoc/>
    public void EntryUpdated(WalkLevel level, ulong address, ulong entry)
    {
    }
}
