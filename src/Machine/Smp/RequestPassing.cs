namespace X86Pae.Smp;

/// <summary>How the initiator hands its targets what they are to do.</summary>
public enum RequestPassing : byte
{
    /// <summary>
    /// One locked insertion into a queue of each target, whose line the target's cache holds (Linux since 2.6.26, kernel/smp.c:
    /// llist_add into call_single_queue).
    /// </summary>
    QueuePerTarget,

    /// <summary>
    /// One description for all targets under one lock: a single locked operation (FreeBSD i386, smp_tlb_mtx; Linux 2.4,
    /// tlbstate_lock).
    /// </summary>
    SharedMessage,
}
