namespace X86Pae.Smp;

/// <summary>A lock whose waiters sleep: their time passes idle. Scheduling itself costs nothing.</summary>
public sealed class SimulatedMutex : SimulatedLock
{
    /// <summary>Creates a lock that is free.</summary>
    public SimulatedMutex()
        : base(spins: false)
    {
    }
}
