namespace X86Pae.Paging;

/// <summary>Sees each access that a walk makes to the tables, to charge for it or to record it.</summary>
/// <remarks>An observer is a struct and is passed as a type argument, so that the JIT inlines it into the walk.</remarks>
public interface IWalkObserver
{
    /// <summary>The walk has loaded an entry.</summary>
    /// <param name="level">Level of the entry.</param>
    /// <param name="address">Its physical byte address.</param>
    /// <param name="entry">Its value, zero-extended in two-level paging.</param>
    void EntryLoaded(WalkLevel level, ulong address, ulong entry);

    /// <summary>The walk has set the accessed or dirty flag of an entry by a locked update.</summary>
    /// <param name="level">Level of the entry.</param>
    /// <param name="address">Its physical byte address.</param>
    /// <param name="entry">The value written.</param>
    void EntryUpdated(WalkLevel level, ulong address, ulong entry);
}

/// <summary>The level of the paging structures that an entry belongs to.</summary>
public enum WalkLevel : byte
{
    /// <summary>Page-table entry; maps a 4-KiB page.</summary>
    Pte = 1,

    /// <summary>Page-directory entry; points to a page table or maps a large page.</summary>
    Pde = 2,

    /// <summary>Page-directory-pointer-table entry; a walk reads it only with <see cref="PdpteMode.WalkOnDemand"/>.</summary>
    Pdpte = 3,
}

/// <summary>Ignores what it sees; it compiles to nothing.</summary>
internal readonly struct NoObserver : IWalkObserver
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
