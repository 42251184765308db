namespace X86Pae.Timing;

/// <summary>What interrupt messages travel on.</summary>
public enum InterruptBus : byte
{
    /// <summary>The system bus or what followed it: messages do not wait for each other (Pentium 4 and later).</summary>
    System,

    /// <summary>
    /// The APIC bus of P6 processors: serial, one message of the whole machine at a time (Intel SDM vol. 3A, 10.13.2).
    /// </summary>
    Serial,
}
