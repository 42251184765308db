using X86Pae.Kmap.Kernel;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Experiments;

/// <summary>What maps and unmaps of single pages took, on all CPUs together.</summary>
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

    /// <summary>What was run since an earlier moment of the same machine.</summary>
    /// <param name="earlier">All that it had taken until then.</param>
    public MappingCost Since(MappingCost earlier)
    {
        CycleAccounts accounts = Accounts;
        for (int i = 0; i < CycleAccounts.Count; i++)
        {
            accounts[i] -= earlier.Accounts[i];
        }

        return new MappingCost(accounts, IpisSent - earlier.IpisSent, Maps - earlier.Maps);
    }

    /// <summary>Reads the clocks of a kernel's machine.</summary>
    internal static MappingCost SinceBoot(GuestKernel kernel, int maps)
    {
        CycleAccounts accounts = default;
        long ipis = 0;
        foreach (Processor processor in kernel.Machine.Processors)
        {
            accounts.Add(processor.Clock.Accounts);
            ipis += processor.Clock.Counts.IpisSent;
        }

        return new MappingCost(accounts, ipis, maps);
    }
}
