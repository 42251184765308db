namespace X86Pae.Timing;

/// <summary>What a processor's cycles were spent on.</summary>
public enum CycleAccount : byte
{
    /// <summary>Work of the program itself: data accesses through its mappings.</summary>
    Work,

    /// <summary>Stores to page-table entries.</summary>
    EntryStore,

    /// <summary>INVLPG and writes to CR3 and CR4 that flush.</summary>
    Flush,

    /// <summary>Interprocessor interrupts: sending, entry and return, acknowledging, waiting for the others.</summary>
    Shootdown,

    /// <summary>Page walks, where they happen.</summary>
    Refill,

    /// <summary>Locks, atomic operations and the bookkeeping under them.</summary>
    Lock,

    /// <summary>Delivery of page faults and the return from them.</summary>
    Fault,
}
