namespace X86Pae.Timing;

/// <summary>Charges an MMU's work to the clock of its processor, by the costs of the CPU model.</summary>
/// <param name="clock">The processor's clock.</param>
public readonly struct CycleTiming(ProcessorClock clock) : ITiming
{
    /// <summary>The clock that is charged.</summary>
    public ProcessorClock Clock => clock;

    /// <inheritdoc/>
    public void TranslationRequested() => clock.CountTranslation();

    /// <inheritdoc/>
    public void LoadLevelMissed()
    {
        clock.Counts.LoadLevelMisses++;
        clock.ChargeRefill(clock.Costs.LoadLevelMiss);
    }

    /// <inheritdoc/>
    public void FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel)
    {
        clock.Counts.FirstLevelMisses++;
        clock.Counts.SecondLevelHits += inSecondLevel ? 1 : 0;
        if (hasSecondLevel)
        {
            clock.ChargeRefill(clock.Costs.SecondLevelHit);
        }
    }

    /// <inheritdoc/>
    public void WalkStarted()
    {
        clock.Counts.Walks++;
        clock.ChargeRefill(clock.Costs.WalkFixed);
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
        clock.Charge(CycleAccount.Refill, clock.Costs.AccessedDirtyAssist);
    }

    /// <inheritdoc/>
    public void DataAccessed(ulong address, bool isCached) =>
        clock.Charge(clock.Account, isCached ? clock.MemoryLatency(address) : clock.UncachedLatency());

    /// <inheritdoc/>
    public void PageInvalidated()
    {
        clock.Counts.Invlpgs++;
        clock.Charge(CycleAccount.Flush, clock.Costs.Invlpg);
    }

    /// <inheritdoc/>
    public void PcidInvalidated()
    {
        clock.Counts.Invpcids++;
        clock.Charge(CycleAccount.Flush, clock.Costs.Invpcid);
    }

    /// <inheritdoc/>
    public void PdptesLoaded(ulong address) => clock.Charge(CycleAccount.Refill, clock.TableLatency(address));

    /// <inheritdoc/>
    public void Cr3Written()
    {
        clock.Counts.Cr3Writes++;
        clock.Charge(CycleAccount.Flush, clock.Costs.MovCr3);
    }

    /// <inheritdoc/>
    public void Cr4Written(bool pgeChanged)
    {
        clock.Counts.Cr4Writes++;

        // Each of the pair costs half, an odd cycle going to the first. A write that flushes nothing has no published cost and
        // is charged like one that does.
        clock.Charge(CycleAccount.Flush, (clock.Costs.PgeTogglePair + (clock.Counts.Cr4Writes & 1)) / 2);
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
