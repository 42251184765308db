namespace X86Pae.Smp;

/// <summary>A lock whose waiters spin, and are charged for it; interrupts stay as they are.</summary>
public sealed class SimulatedSpinLock : SimulatedLock
{
    /// <summary>Creates a lock that is free.</summary>
    public SimulatedSpinLock()
        : base(spins: true)
    {
    }
}
