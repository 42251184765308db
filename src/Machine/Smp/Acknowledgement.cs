namespace X86Pae.Smp;

/// <summary>How targets tell the initiator that they are done.</summary>
/// <remarks>Source of the difference: FreeBSD r306516, which replaced the counter by flags.</remarks>
public enum Acknowledgement : byte
{
    /// <summary>Each target stores to a line of its own; the transfers overlap, and the target does not wait (Linux csd_unlock).</summary>
    PerCpuFlags,

    /// <summary>All targets decrement one counter by a locked operation; its line moves from one to the next.</summary>
    SharedCounter,
}
