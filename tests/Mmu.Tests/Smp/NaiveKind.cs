namespace X86Pae.Tests.Smp;

internal enum NaiveKind
{
    Compute,
    InterruptsOff,
    InterruptsOn,
    Acquire,
    Release,
    SleepReleasing,
    WakeOne,
    WakeAll,
    Shootdown,
}
