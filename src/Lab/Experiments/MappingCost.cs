using X86Pae.Timing;

namespace X86Pae.Lab.Experiments;

/// <summary>What one map and unmap of a page took, on all CPUs together.</summary>
/// <param name="Accounts">Cycles by account, for all mappings measured.</param>
/// <param name="IpisSent">Interprocessor interrupts, for all mappings measured.</param>
/// <param name="Maps">Number of mappings measured.</param>
public readonly record struct MappingCost(CycleAccounts Accounts, long IpisSent, int Maps)
{
    /// <summary>Cycles of one mapping, without the program's own reads.</summary>
    public double Cycles => Invalidation + Of(CycleAccount.EntryStore) + Of(CycleAccount.Lock);

    /// <summary>The part of them that invalidating takes: flushes, shootdowns, and the refills after them.</summary>
    public double Invalidation => Of(CycleAccount.Flush) + Of(CycleAccount.Shootdown) + Of(CycleAccount.Refill);

    /// <summary>Cycles of one mapping in one account.</summary>
    /// <param name="account">The account.</param>
    public double Of(CycleAccount account) => Accounts[account] / (double)Maps;
}
