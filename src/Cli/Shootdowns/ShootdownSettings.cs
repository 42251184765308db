using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Cli.Shootdowns;

/// <summary>What is asked of the shootdown experiment.</summary>
/// <param name="Model">The processors.</param>
/// <param name="Options">How shootdowns are carried out.</param>
internal sealed record ShootdownSettings(CpuModel Model, ShootdownOptions Options)
{
    /// <summary>Pages that each shootdown drops one by one; 0 for everything.</summary>
    public int Pages { get; init; } = 1;

    /// <summary>Cycles from the start of each shootdown for which the last processor has its interrupts off.</summary>
    public long InterruptsOff { get; init; }

    /// <summary>Whether the targets run user mode.</summary>
    public bool TargetsInUserMode { get; init; }

    /// <summary>Number of shootdowns on each machine, back to back.</summary>
    public long Count { get; init; } = 1;
}
