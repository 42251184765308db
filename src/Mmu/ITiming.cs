namespace X86Pae;

/// <summary>The events of an MMU's work, for a model of time that charges for them.</summary>
/// <remarks>
/// <para>
/// A timing is a struct and is passed as a type argument, so that the JIT inlines it; with <see cref="NoTiming"/> nothing of it
/// remains. The struct holds a reference to what it counts, because the MMU copies it.
/// </para>
/// <para>
/// Each event is reported once, where it happens. A flush reports no refills: they are reported by the accesses that miss. The
/// events of a TLB miss come in the order of the members here, and before the access returns; the MMU may have read the entries
/// of the walk before it reports them.
/// </para>
/// </remarks>
public interface ITiming
{
    /// <summary>An access needs a translation, wherever it is found.</summary>
    void TranslationRequested();

    /// <summary>A load missed in the level that only loads use.</summary>
    void LoadLevelMissed();

    /// <summary>An access missed in the first level.</summary>
    /// <param name="isFetch">Whether it was looked up for an instruction fetch.</param>
    /// <param name="hasSecondLevel">Whether there is a second level, which was then looked up.</param>
    /// <param name="inSecondLevel">Whether the second level had the translation.</param>
    void FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel);

    /// <summary>A walk begins: the access missed in every level, or must not use the translation that it found.</summary>
    void WalkStarted();

    /// <summary>The walk read a table entry.</summary>
    /// <param name="address">Physical byte address of the entry.</param>
    /// <param name="isCached">Whether the memory type lets the data caches hold it.</param>
    void TableLoaded(ulong address, bool isCached);

    /// <summary>The walk set A or D in a table entry.</summary>
    /// <param name="address">Physical byte address of the entry.</param>
    void TableUpdated(ulong address);

    /// <summary>The program loaded or stored data.</summary>
    /// <param name="address">Physical byte address of the data.</param>
    /// <param name="isCached">Whether the memory type lets the data caches hold it.</param>
    void DataAccessed(ulong address, bool isCached);

    /// <summary>The program executed INVLPG.</summary>
    void PageInvalidated();

    /// <summary>The program executed INVPCID, of any type.</summary>
    void PcidInvalidated();

    /// <summary>The four PDPTE registers were loaded, all from one cache line.</summary>
    /// <param name="address">Physical byte address of the first PDPTE.</param>
    void PdptesLoaded(ulong address);

    /// <summary>CR3 was written, by MOV to CR3 or by a task switch.</summary>
    void Cr3Written();

    /// <summary>CR4 was written.</summary>
    /// <param name="pgeChanged">Whether the write changed PGE and so flushed everything.</param>
    void Cr4Written(bool pgeChanged);

    /// <summary>A page fault was delivered; the first instruction of the handler is next.</summary>
    void PageFaultDelivered();

    /// <summary>The handler of a page fault returned by IRET.</summary>
    void PageFaultReturned();
}

/// <summary>The timing of a functional MMU: it charges nothing, and compiles to nothing.</summary>
public readonly struct NoTiming : ITiming
{
    void ITiming.TranslationRequested()
    {
    }

    void ITiming.LoadLevelMissed()
    {
    }

    void ITiming.FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel)
    {
    }

    void ITiming.WalkStarted()
    {
    }

    void ITiming.TableLoaded(ulong address, bool isCached)
    {
    }

    void ITiming.TableUpdated(ulong address)
    {
    }

    void ITiming.DataAccessed(ulong address, bool isCached)
    {
    }

    void ITiming.PageInvalidated()
    {
    }

    void ITiming.PcidInvalidated()
    {
    }

    void ITiming.PdptesLoaded(ulong address)
    {
    }

    void ITiming.Cr3Written()
    {
    }

    void ITiming.Cr4Written(bool pgeChanged)
    {
    }

    void ITiming.PageFaultDelivered()
    {
    }

    void ITiming.PageFaultReturned()
    {
    }
}
