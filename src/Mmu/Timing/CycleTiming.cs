namespace X86Pae.Timing;

/// <summary>Charges an MMU's work to the clock of its processor, by the costs of the CPU model.</summary>
/// <param name="clock">The processor's clock.</param>
public readonly struct CycleTiming(ProcessorClock clock) : ITiming
{
    /// <summary>The clock that is charged.</summary>
    public ProcessorClock Clock => clock;

    /// <inheritdoc/>
    public void LoadLevelMissed()
    {
        clock.Counts.LoadLevelMisses++;
        clock.ChargeRefill(clock.Model.LoadLevelMiss!.Value);
    }

    /// <inheritdoc/>
    public void FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel)
    {
        clock.Counts.FirstLevelMisses++;
        clock.Counts.SecondLevelHits += inSecondLevel ? 1 : 0;
        if (hasSecondLevel)
        {
            clock.ChargeRefill(clock.Model.SecondLevelHit!.Value);
        }
    }

    /// <inheritdoc/>
    public void WalkStarted()
    {
        clock.Counts.Walks++;
        clock.ChargeRefill(clock.Model.WalkFixed.Value);
    }

    /// <inheritdoc/>
    public void TableLoaded(ulong address, bool isCached)
    {
        clock.Counts.TableLoads++;
        clock.ChargeRefill(isCached ? clock.TableLatency(address) : clock.UncachedLatency());
    }

    /// <inheritdoc/>
    public void TableUpdated(ulong address)
    {
        clock.Counts.TableUpdates++;
        clock.Charge(CycleAccount.Refill, clock.Model.AccessedDirtyAssist);
    }

    /// <inheritdoc/>
    public void DataAccessed(ulong address, bool isCached) =>
        clock.Charge(clock.Account, isCached ? clock.MemoryLatency(address) : clock.UncachedLatency());

    /// <inheritdoc/>
    public void PageInvalidated()
    {
        clock.Counts.Invlpgs++;
        clock.Charge(CycleAccount.Flush, clock.Model.Invlpg);
    }

    /// <inheritdoc/>
    public void PcidInvalidated()
    {
        clock.Counts.Invpcids++;

        // A model that has no cost for it is of a processor that lacks it; the nearest there is drops one page too.
        clock.Charge(CycleAccount.Flush, clock.Model.Invpcid ?? clock.Model.Invlpg);
    }

    /// <inheritdoc/>
    public void PdptesLoaded(ulong address) => clock.Charge(CycleAccount.Refill, clock.TableLatency(address));

    /// <inheritdoc/>
    public void Cr3Written()
    {
        clock.Counts.Cr3Writes++;
        clock.Charge(CycleAccount.Flush, clock.Model.MovCr3);
    }

    /// <inheritdoc/>
    public void Cr4Written(bool pgeChanged)
    {
        clock.Counts.Cr4Writes++;

        // The parameter is of a pair of writes, so each of the two costs half; a write that flushes nothing has no
        // published cost and is charged like one that does.
        clock.Charge(CycleAccount.Flush, clock.Model.PgeTogglePair.Value / 2);
    }

    /// <inheritdoc/>
    public void PageFaultDelivered()
    {
        clock.Counts.PageFaults++;
        clock.Charge(CycleAccount.Fault, clock.Model.PageFaultDelivery);
    }

    /// <inheritdoc/>
    public void PageFaultReturned() => clock.Charge(CycleAccount.Fault, clock.Model.PageFaultReturn);
}
