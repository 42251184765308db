namespace X86Pae.Smp;

/// <summary>When the initiator does its own part.</summary>
/// <remarks>Source of the difference: Amit, "Concurrent TLB flushes", 2019.</remarks>
public enum LocalFlush : byte
{
    /// <summary>While the messages are under way (Linux on_each_cpu; user flushes since 5.13).</summary>
    Overlapped,

    /// <summary>Before anything is sent (Linux user flushes before 5.13).</summary>
    First,
}
