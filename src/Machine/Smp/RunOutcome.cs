namespace X86Pae.Smp;

/// <summary>Why a run of an <see cref="EventEngine{TProgram}"/> ended.</summary>
public enum RunOutcome : byte
{
    /// <summary>Every program has halted, and no interrupt is under way.</summary>
    Finished,

    /// <summary>The next thing to happen is later than the run was to last.</summary>
    TimeIsUp,

    /// <summary>No processor can ever act again, and not all programs have halted.</summary>
    Deadlocked,
}
