namespace X86Pae.Timing;

/// <summary>What one processor's paging hardware has done; counts carry no timing uncertainty.</summary>
public record struct EventCounts
{
    /// <summary>Translations that accesses asked for, whatever answered.</summary>
    public long Translations { get; set; }

    /// <summary>Loads that missed the level only loads use.</summary>
    public long LoadLevelMisses { get; set; }

    /// <summary>Translations that missed the first level.</summary>
    public long FirstLevelMisses { get; set; }

    /// <summary>Translations that missed the first level and hit the second.</summary>
    public long SecondLevelHits { get; set; }

    /// <summary>Page walks, that is TLB misses and re-walks.</summary>
    public long Walks { get; set; }

    /// <summary>Table entries loaded by walks.</summary>
    public long TableLoads { get; set; }

    /// <summary>Table entries that walks loaded from the first level of data cache.</summary>
    public long TableLoadsFromL1 { get; set; }

    /// <summary>Table entries that walks loaded from the second level of data cache.</summary>
    public long TableLoadsFromL2 { get; set; }

    /// <summary>Table entries that walks loaded from the third level of data cache.</summary>
    public long TableLoadsFromL3 { get; set; }

    /// <summary>Table entries that walks loaded from memory.</summary>
    public long TableLoadsFromMemory { get; set; }

    /// <summary>Accessed or dirty flags set.</summary>
    public long TableUpdates { get; set; }

    /// <summary>Loads, stores and table loads that went to memory because no cache held the line.</summary>
    public long MemoryAccesses { get; set; }

    /// <summary>INVLPG executed.</summary>
    public long Invlpgs { get; set; }

    /// <summary>INVPCID executed.</summary>
    public long Invpcids { get; set; }

    /// <summary>Writes to CR3.</summary>
    public long Cr3Writes { get; set; }

    /// <summary>Writes to CR4.</summary>
    public long Cr4Writes { get; set; }

    /// <summary>Interprocessor interrupts sent, one for each target.</summary>
    public long IpisSent { get; set; }

    /// <summary>Interrupt messages sent; one may reach several targets, and a target whose queue is not empty needs none.</summary>
    public long IpiMessages { get; set; }

    /// <summary>Interprocessor interrupts taken.</summary>
    public long IpisHandled { get; set; }

    /// <summary>Page faults delivered.</summary>
    public long PageFaults { get; set; }

    /// <summary>Table entries that walks loaded from the second or third level of data cache.</summary>
    public readonly long TableLoadsFromOuterCaches => TableLoadsFromL2 + TableLoadsFromL3;

    /// <summary>Adds another processor's counts to these.</summary>
    /// <param name="other">The other counts.</param>
    public void Add(EventCounts other)
    {
        Translations += other.Translations;
        LoadLevelMisses += other.LoadLevelMisses;
        FirstLevelMisses += other.FirstLevelMisses;
        SecondLevelHits += other.SecondLevelHits;
        Walks += other.Walks;
        TableLoads += other.TableLoads;
        TableLoadsFromL1 += other.TableLoadsFromL1;
        TableLoadsFromL2 += other.TableLoadsFromL2;
        TableLoadsFromL3 += other.TableLoadsFromL3;
        TableLoadsFromMemory += other.TableLoadsFromMemory;
        TableUpdates += other.TableUpdates;
        MemoryAccesses += other.MemoryAccesses;
        Invlpgs += other.Invlpgs;
        Invpcids += other.Invpcids;
        Cr3Writes += other.Cr3Writes;
        Cr4Writes += other.Cr4Writes;
        IpisSent += other.IpisSent;
        IpiMessages += other.IpiMessages;
        IpisHandled += other.IpisHandled;
        PageFaults += other.PageFaults;
    }
}
