namespace X86Pae.Paging;

/// <summary>Sees each access that a walk makes to the tables: timing charges for it, an explanation records it.</summary>
/// <remarks>Implemented by structs and used as a type parameter; <see cref="NoObserver"/> compiles to nothing.</remarks>
public interface IWalkObserver
{
    /// <summary>An entry was loaded.</summary>
    /// <param name="level">Its level.</param>
    /// <param name="address">Its physical byte address.</param>
    /// <param name="entry">Its value, zero-extended in two-level paging.</param>
    void EntryLoaded(WalkLevel level, ulong address, ulong entry);

    /// <summary>Accessed or dirty flags were written back by a locked update.</summary>
    /// <param name="level">Level of the entry.</param>
    /// <param name="address">Its physical byte address.</param>
    /// <param name="entry">The value written.</param>
    void EntryUpdated(WalkLevel level, ulong address, ulong entry);
}

/// <summary>Which table an entry belongs to.</summary>
public enum WalkLevel : byte
{
    /// <summary>Page-table entry; maps a 4-KiB page.</summary>
    Pte = 1,

    /// <summary>Page-directory entry; points to a page table or maps a large page.</summary>
    Pde = 2,

    /// <summary>Page-directory-pointer-table entry; read in a walk only with <see cref="PdpteMode.WalkOnDemand"/>.</summary>
    Pdpte = 3,
}

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
