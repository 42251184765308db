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
        clock.Charge(CycleAccount.Refill, clock.Model.LoadLevelMiss!);
    }

    /// <inheritdoc/>
    public void FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel)
    {
        clock.Counts.FirstLevelMisses++;
        clock.Counts.SecondLevelHits += inSecondLevel ? 1 : 0;
        if (hasSecondLevel)
        {
            clock.Charge(CycleAccount.Refill, clock.Model.SecondLevelHit!);
        }
    }

    /// <inheritdoc/>
    public void WalkStarted()
    {
        clock.Counts.Walks++;
        clock.Charge(CycleAccount.Refill, clock.Model.WalkFixed);
    }

    /// <inheritdoc/>
    public void TableLoaded(ulong address)
    {
        clock.Counts.TableLoads++;
        clock.Charge(CycleAccount.Refill, clock.TableLatency(address));
    }

    /// <inheritdoc/>
    public void TableUpdated(ulong address)
    {
        clock.Counts.TableUpdates++;
        clock.Charge(CycleAccount.Refill, clock.Model.AccessedDirtyAssist);
    }

    /// <inheritdoc/>
    public void DataAccessed(ulong address) => clock.Charge(clock.Account, clock.MemoryLatency(address));

    /// <inheritdoc/>
    public void PageInvalidated()
    {
        clock.Counts.Invlpgs++;
        clock.Charge(CycleAccount.Flush, clock.Model.Invlpg);
    }

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
}
