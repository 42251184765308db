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
