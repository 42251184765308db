using System.Runtime.CompilerServices;

namespace X86Pae.Timing;

/// <summary>Charges an MMU's work to the clock of its processor, by the costs of the CPU model.</summary>
public readonly struct CycleTiming : ITiming
{
    private readonly ProcessorClock _clock;

    /// <summary>Charges to a clock.</summary>
    /// <param name="clock">The processor's clock.</param>
    /// <exception cref="ArgumentNullException"><paramref name="clock"/> is null.</exception>
    public CycleTiming(ProcessorClock clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _clock = clock;
    }

    /// <summary>The clock that is charged.</summary>
    public ProcessorClock Clock => _clock;

    /// <inheritdoc/>
    public void TranslationRequested() => _clock.CountTranslation();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // rare or not: as a call it would cost every miss registers
    public void LoadLevelMissed() => _clock.Refills.LoadLevelMisses++;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // as above
    public void FirstLevelMissed(bool isFetch, bool hasSecondLevel, bool inSecondLevel)
    {
        ref RefillEvents refills = ref _clock.Refills;
        if (inSecondLevel)
        {
            refills.SecondLevelHits++;
        }
        else if (hasSecondLevel)
        {
            refills.SecondLevelMisses++;
        }
        else
        {
            refills.OnlyLevelMisses++;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // as above
    public void WalkStarted() => _clock.Refills.Walks++;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // as above
    public void TableLoaded(ulong address, bool isCached) => _clock.LoadTableEntry(address, isCached);

    /// <inheritdoc/>
    public void TableUpdated(ulong address)
    {
        _clock.HotCounts.TableUpdates++;
        _clock.Charge(CycleAccount.Refill, _clock.Costs.AccessedDirtyAssist);
    }

    /// <inheritdoc/>
    public void DataAccessed(ulong address, bool isCached) =>
        _clock.Spend(_clock.Account, isCached ? _clock.MemoryLatency(address) : _clock.UncachedLatency());

    /// <inheritdoc/>
    public void PageInvalidated() => _clock.ChargeInvlpgs(1);

    /// <inheritdoc/>
    public void PcidInvalidated()
    {
        _clock.HotCounts.Invpcids++;
        _clock.Charge(CycleAccount.Flush, _clock.Costs.Invpcid);
    }

    /// <inheritdoc/>
    public void PdptesLoaded(ulong address) => _clock.Charge(CycleAccount.Refill, _clock.TableLatency(address));

    /// <inheritdoc/>
    public void Cr3Written()
    {
        _clock.HotCounts.Cr3Writes++;
        _clock.Charge(CycleAccount.Flush, _clock.Costs.MovCr3);
    }

    /// <inheritdoc/>
    public void Cr4Written(bool pgeChanged)
    {
        _clock.HotCounts.Cr4Writes++;

        // Each of the pair costs half, an odd cycle going to the first. A write that flushes nothing has no published cost and
        // is charged like one that does.
        _clock.Charge(CycleAccount.Flush, (_clock.Costs.PgeTogglePair + (_clock.HotCounts.Cr4Writes & 1)) / 2);
    }

    /// <inheritdoc/>
    public void PageFaultDelivered()
    {
        _clock.HotCounts.PageFaults++;
        _clock.Charge(CycleAccount.Fault, _clock.Model.PageFaultDelivery);
    }

    /// <inheritdoc/>
    public void PageFaultReturned() => _clock.Charge(CycleAccount.Fault, _clock.Model.PageFaultReturn);
}
