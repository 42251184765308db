using X86Pae.Kmap.Kernel;
using X86Pae.Timing;

namespace X86Pae.Lab.Comparison;

/// <summary>What one strategy took to serve a workload, on all CPUs together.</summary>
public sealed record StrategyResult
{
    /// <summary>The strategy.</summary>
    public required string Strategy { get; init; }

    /// <summary>Mappings served.</summary>
    public required long Maps { get; init; }

    /// <summary>Mappings it could not serve: no room, or too deeply nested.</summary>
    public required long Refused { get; init; }

    /// <summary>
    /// Mappings given up and made again because the strategy's contract forbids what the workload did with them: unmapping
    /// out of order, or being switched out while holding them. Their cost is in the figures.
    /// </summary>
    public required long MadeAgain { get; init; }

    /// <summary>Reads through a mapping that did not yield the mapped page's bytes; anything but 0 is a defect.</summary>
    public required long WrongReads { get; init; }

    /// <summary>What the kernel's mapping code did.</summary>
    public required KernelCounts Kernel { get; init; }

    /// <summary>What the paging hardware did.</summary>
    public required EventCounts Hardware { get; init; }

    /// <summary>Cycles by account; <see cref="CycleAccount.Work"/> is the touching itself.</summary>
    public required CycleAccounts Accounts { get; init; }

    /// <summary>Cycles that the mappings cost: everything but the touching itself.</summary>
    public long MappingCycles
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < CycleAccounts.Count; i++)
            {
                sum += i == (int)CycleAccount.Work ? 0 : Accounts[i];
            }

            return sum;
        }
    }

    /// <summary><see cref="MappingCycles"/> for each mapping served; by this the strategies are ordered.</summary>
    public double CyclesPerMap => MappingCycles / (double)Math.Max(1, Maps);
}
