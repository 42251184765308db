namespace X86Pae.Tests.Specification;

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
