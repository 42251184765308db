using X86Pae.Tlb;

namespace X86Pae.Timing;

/// <summary>Geometry and costs of one processor: every cycle the library charges is one of these parameters.</summary>
/// <remarks>Costs are in core clock cycles of this processor. A refill has no parameter: it is the walk that happens later.</remarks>
public sealed record CpuModel
{
    /// <summary>Name by which the model is asked for, such as <c>core-duo</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Core clock in MHz.</summary>
    public required int FrequencyInMHz { get; init; }

    /// <summary>Cache-line size in bytes, a power of two.</summary>
    public required int LineSizeInBytes { get; init; }

    /// <summary>First-level data cache.</summary>
    public required CacheGeometry L1 { get; init; }

    /// <summary>Second-level cache.</summary>
    public required CacheGeometry L2 { get; init; }

    /// <summary>Load-to-use latency of memory, TLB hit, random addresses.</summary>
    public required Parameter Dram { get; init; }

    /// <summary>Translation caches.</summary>
    public required TlbConfiguration Tlbs { get; init; }

    /// <summary>Fixed part of a page walk; the entry loads come on top.</summary>
    public required Parameter WalkFixed { get; init; }

    /// <summary>Setting A or D: the locked update and the assist around it.</summary>
    public required Parameter AccessedDirtyAssist { get; init; }

    /// <summary>MOV to CR3, without refills.</summary>
    public required Parameter MovCr3 { get; init; }

    /// <summary>INVLPG, without refills.</summary>
    public required Parameter Invlpg { get; init; }

    /// <summary>A pair of MOV to CR4 that clears and sets PGE.</summary>
    public required Parameter PgeTogglePair { get; init; }

    /// <summary>A locked read-modify-write on a line this processor owns.</summary>
    public required Parameter LockedRmw { get; init; }

    /// <summary>PUSHF and POPF: the floor of saving and restoring the interrupt flag.</summary>
    public required Parameter PushfPopf { get; init; }

    /// <summary>CLI.</summary>
    public required Parameter Cli { get; init; }

    /// <summary>Delivery of an interrupt that arrives in kernel mode, up to the handler's first instruction.</summary>
    public required Parameter InterruptEntry { get; init; }

    /// <summary>Return from an interrupt.</summary>
    public required Parameter InterruptReturn { get; init; }

    /// <summary>End-of-interrupt write and the handler's work before the flush.</summary>
    public required Parameter EoiAndHandlerEntry { get; init; }

    /// <summary>Write to the interrupt command register, an uncached store.</summary>
    public required Parameter IcrWrite { get; init; }

    /// <summary>Flight time of an interprocessor interrupt.</summary>
    public required Parameter IpiWire { get; init; }

    /// <summary>Transfer of the line that carries an acknowledgement.</summary>
    public required Parameter AckTransfer { get; init; }
}
