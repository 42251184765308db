namespace X86Pae.Smp;

/// <summary>How interrupt messages name their targets, which decides how many messages a shootdown takes.</summary>
/// <remarks>
/// Sources: Intel SDM vol. 3A, 10.6.1 (shorthands), 10.6.2 (physical and logical destinations), 10.12.10 (x2APIC clusters); Linux
/// 6.12 arch/x86/kernel/apic/ipi.c (native_send_call_func_ipi), bigsmp_32.c.
/// </remarks>
public enum IpiDelivery : byte
{
    /// <summary>
    /// The shorthand "all excluding self" where every other processor is a target: one message. One target, or a part of the
    /// processors: as the 32-bit kernel does, by <see cref="Logical"/> on machines of up to eight processors and by
    /// <see cref="PhysicalUnicast"/> on larger ones (bigsmp). What Linux does since 5.4.
    /// </summary>
    AllButSelf,

    /// <summary>
    /// Logical destinations. Up to 8 processors: the flat model, one message for any set. Up to 60: the cluster model of the
    /// xAPIC, one message for each cluster of four that has a target. Beyond: x2APIC, one for each cluster of 16.
    /// </summary>
    Logical,

    /// <summary>Physical destinations: one message for each target.</summary>
    PhysicalUnicast,
}
