using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Scenarios;

/// <summary>What the scenarios of a run came to, so that a generator that never gets anywhere does not go unnoticed.</summary>
internal sealed class ScenarioStatistics
{
    public long Steps { get; set; }

    public long Translated { get; set; }

    public long NotPresent { get; set; }

    public long Reserved { get; set; }

    public long Denied { get; set; }

    public long Refused { get; set; }

    public long PdpteLoads { get; set; }

    /// <summary>Accesses with more than one permitted outcome.</summary>
    public long Ambiguous { get; set; }

    /// <summary>Accesses whose outcome is not that of memory as it is.</summary>
    public long Stale { get; set; }

    /// <summary>Faults where memory as it is would let the access pass.</summary>
    public long SpuriousFaults { get; set; }

    public ConformanceOutcomes ToOutcomes() => new(Translated, NotPresent, Reserved, Denied, Stale);

    public void Add(ScenarioStatistics other)
    {
        Steps += other.Steps;
        Translated += other.Translated;
        NotPresent += other.NotPresent;
        Reserved += other.Reserved;
        Denied += other.Denied;
        Refused += other.Refused;
        PdpteLoads += other.PdpteLoads;
        Ambiguous += other.Ambiguous;
        Stale += other.Stale;
        SpuriousFaults += other.SpuriousFaults;
    }

    public void CountPermitted(List<SpecPermitted> permitted)
    {
        foreach (SpecPermitted way in permitted)
        {
            if (way.Outcome != permitted[0].Outcome)
            {
                Ambiguous++;
                return;
            }
        }
    }

    /// <summary>Counts an outcome beside that of memory as it is.</summary>
    public void Count(SpecOutcome outcome, SpecOutcome coherent)
    {
        Count(outcome);
        Stale += outcome != coherent ? 1 : 0;
        SpuriousFaults += outcome.IsFault && !coherent.IsFault ? 1 : 0;
    }

    public void Count(SpecOutcome outcome)
    {
        if (!outcome.IsFault)
        {
            Translated++;
        }
        else if ((outcome.ErrorCode & 1) == 0)
        {
            NotPresent++;
        }
        else if ((outcome.ErrorCode & 8) != 0)
        {
            Reserved++;
        }
        else
        {
            Denied++;
        }
    }

    public void Count(SpecWrite write)
    {
        Refused += write.GeneralProtection ? 1 : 0;
        PdpteLoads += write.PdptesLoaded ? 1 : 0;
    }
}
