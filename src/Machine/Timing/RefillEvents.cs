namespace X86Pae.Timing;

/// <summary>
/// What TLB misses have done since a clock was last brought up to date. Their cycles follow from these numbers, so that a miss
/// only counts, and whoever reads the clock multiplies.
/// </summary>
internal struct RefillEvents
{
    /// <summary>Loads that missed the level only loads use.</summary>
    public long LoadLevelMisses;

    /// <summary>First-level misses of processors without a second level.</summary>
    public long OnlyLevelMisses;

    /// <summary>First-level misses that hit the second level.</summary>
    public long SecondLevelHits;

    /// <summary>First-level misses that missed the second level too.</summary>
    public long SecondLevelMisses;

    /// <summary>Walks.</summary>
    public long Walks;

    /// <summary>Table entries loaded by walks from the first level of data cache.</summary>
    public long LoadsFromL1;

    /// <summary>The same from the second level.</summary>
    public long LoadsFromL2;

    /// <summary>The same from the third level.</summary>
    public long LoadsFromL3;

    /// <summary>The same from memory.</summary>
    public long LoadsFromMemory;

    /// <summary>Adds them to the counts of a processor.</summary>
    /// <param name="counts">The counts.</param>
    public readonly void AddTo(ref EventCounts counts)
    {
        counts.LoadLevelMisses += LoadLevelMisses;
        counts.FirstLevelMisses += OnlyLevelMisses + SecondLevelHits + SecondLevelMisses;
        counts.SecondLevelHits += SecondLevelHits;
        counts.Walks += Walks;
        counts.TableLoads += LoadsFromL1 + LoadsFromL2 + LoadsFromL3 + LoadsFromMemory;
        counts.TableLoadsFromL1 += LoadsFromL1;
        counts.TableLoadsFromL2 += LoadsFromL2;
        counts.TableLoadsFromL3 += LoadsFromL3;
        counts.TableLoadsFromMemory += LoadsFromMemory;
    }
}
