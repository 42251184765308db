// Encodings of the memory types, in the PAT as well as in MTRRs. Intel SDM vol. 3, tables 11-2, 11-8 and 11-10.
// 2, 3 and everything from 8 on are reserved: writing one to either register is #GP. UC- exists in the PAT alone.

namespace X86Pae.Paging;

/// <summary>How the processor may cache and order accesses to memory.</summary>
public enum MemoryType : byte
{
    /// <summary>UC, strong uncacheable: no caching, no speculation, in program order.</summary>
    Uncacheable = 0,

    /// <summary>WC, write combining: not cached, stores may be joined and reordered.</summary>
    WriteCombining = 1,

    /// <summary>WT, write-through: loads are cached, stores go to memory.</summary>
    WriteThrough = 4,

    /// <summary>WP, write protected: loads are cached, stores go to memory and invalidate the line in all processors.</summary>
    WriteProtected = 5,

    /// <summary>WB, write-back: loads and stores are cached.</summary>
    WriteBack = 6,

    /// <summary>UC-, uncacheable as UC, but a WC (or WP) MTRR turns it into WC. In the PAT alone.</summary>
    UncacheableMinus = 7,
}
