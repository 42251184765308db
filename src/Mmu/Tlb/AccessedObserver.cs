using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>Notes the directory entry that a walk goes through, and whether its entries have A set in memory.</summary>
internal struct AccessedObserver : IWalkObserver
{
    /// <summary>The directory entry.</summary>
    public ulong DirectoryEntry { get; private set; }

    /// <summary>Whether the walk went on to a page table.</summary>
    public bool ReachedTable { get; private set; }

    /// <summary>Whether the entry in the page table has A set.</summary>
    public bool TableEntryAccessed { get; private set; }

    /// <summary>Whether the directory entry has A set.</summary>
    public readonly bool DirectoryEntryAccessed => (DirectoryEntry & EntryBits.Accessed) != 0;

    /// <inheritdoc/>
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry)
    {
        if (level == WalkLevel.Pde)
        {
            DirectoryEntry = entry;
        }
        else if (level == WalkLevel.Pte)
        {
            ReachedTable = true;
            TableEntryAccessed = (entry & EntryBits.Accessed) != 0;
        }
    }

    /// <inheritdoc/>
    public readonly void EntryUpdated(WalkLevel level, ulong address, ulong entry)
    {
    }
}
