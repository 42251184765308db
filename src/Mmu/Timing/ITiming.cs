namespace X86Pae.Timing;

/// <summary>What an MMU tells of its work so that it can be charged for.</summary>
/// <remarks>
/// Implemented by structs and used as a type parameter: with <see cref="NoTiming"/> every call compiles to nothing. Events
/// are charged once, where they happen; a flush charges no refills.
/// </remarks>
public interface ITiming
{
    /// <summary>A lookup missed the TLBs and a walk begins.</summary>
    void WalkStarted();

    /// <summary>The walk read a table entry.</summary>
    /// <param name="address">Physical byte address.</param>
    void TableLoaded(ulong address);

    /// <summary>The walk set A or D in a table entry.</summary>
    /// <param name="address">Physical byte address.</param>
    void TableUpdated(ulong address);

    /// <summary>The program loaded or stored data.</summary>
    /// <param name="address">Physical byte address.</param>
    void DataAccessed(ulong address);

    /// <summary>INVLPG.</summary>
    void PageInvalidated();

    /// <summary>MOV to CR3.</summary>
    void Cr3Written();

    /// <summary>MOV to CR4.</summary>
    /// <param name="pgeChanged">Whether the write toggled PGE and so flushed everything.</param>
    void Cr4Written(bool pgeChanged);
}
