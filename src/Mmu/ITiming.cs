namespace X86Pae;

/// <summary>What an MMU tells of its work so that it can be charged for.</summary>
/// <remarks>
/// Implemented by structs and used as a type parameter: with <see cref="NoTiming"/> every call compiles to nothing. Events
/// are charged once, where they happen; a flush charges no refills. What a miss comes to is told in the order of the members, and
/// before the result; a walk may have read the entries by then.
/// </remarks>
public interface ITiming
{
    /// <summary>An access needs a translation, whatever will answer.</summary>
    void TranslationRequested();

    /// <summary>A load was not in the level that only loads use.</summary>
    void LoadLevelMissed();

    /// <summary>A lookup was not in the first level.</summary>
    /// <param name="isFetch">Whether on the instruction side.</param>
    /// <param name="hasSecondLevel">Whether a second level was asked.</param>
    /// <param name="inSecondLevel">Whether it was found there.</param>
    void FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel);

    /// <summary>A lookup missed every level, or must not use what it found, and a walk begins.</summary>
    void WalkStarted();

    /// <summary>The walk read a table entry.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <param name="isCached">Whether the memory type lets the data caches hold it.</param>
    void TableLoaded(ulong address, bool isCached);

    /// <summary>The walk set A or D in a table entry.</summary>
    /// <param name="address">Physical byte address.</param>
    void TableUpdated(ulong address);

    /// <summary>The program loaded or stored data.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <param name="isCached">Whether the memory type lets the data caches hold it.</param>
    void DataAccessed(ulong address, bool isCached);

    /// <summary>INVLPG.</summary>
    void PageInvalidated();

    /// <summary>INVPCID, of whatever type.</summary>
    void PcidInvalidated();

    /// <summary>The four PDPTE registers were loaded, all from one line.</summary>
    /// <param name="address">Physical byte address of the first PDPTE.</param>
    void PdptesLoaded(ulong address);

    /// <summary>MOV to CR3, or the CR3 load of a task switch, that was not refused.</summary>
    void Cr3Written();

    /// <summary>MOV to CR4 that was not refused.</summary>
    /// <param name="pgeChanged">Whether the write toggled PGE and so flushed everything.</param>
    void Cr4Written(bool pgeChanged);

    /// <summary>A page fault was delivered: the handler's first instruction is next.</summary>
    void PageFaultDelivered();

    /// <summary>IRET from a page fault.</summary>
    void PageFaultReturned();
}
