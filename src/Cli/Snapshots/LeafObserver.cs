using X86Pae.Paging;

namespace X86Pae.Cli.Snapshots;

/// <summary>Keeps the last entry that a walk loads: the leaf, if the walk succeeds.</summary>
internal struct LeafObserver : IWalkObserver
{
    /// <summary>Level of the entry.</summary>
    public WalkLevel Level { get; private set; }

    /// <summary>Its value as loaded.</summary>
    public ulong Entry { get; private set; }

    /// <inheritdoc/>
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry)
    {
        Level = level;
        Entry = entry;
    }

    /// <inheritdoc/>
    public readonly void EntryUpdated(WalkLevel level, ulong address, ulong entry)
    {
    }
}
