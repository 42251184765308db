using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>Keeps what a walk loads.</summary>
/// <param name="loaded">Receives each entry, in order.</param>
internal readonly struct EntryCollector(List<(WalkLevel Level, ulong Address, ulong Raw)> loaded) : IWalkObserver
{
    /// <inheritdoc/>
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry) => loaded.Add((level, address, entry));

    /// <inheritdoc/>
    public void EntryUpdated(WalkLevel level, ulong address, ulong entry)
    {
    }
}
