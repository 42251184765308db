using X86Pae.Reference.Scenarios;

namespace X86Pae.Reference;

/// <summary>Checks an MMU, whoever wrote it, against the executable specification on random scenarios.</summary>
public static class Conformance
{
    /// <summary>Runs random scenarios: edits of tables, register writes, invalidations and accesses, in any order.</summary>
    /// <param name="create">Makes an MMU after reset, for each scenario; called by several threads.</param>
    /// <param name="profile">What the MMU can do; whatever is not declared there is left out.</param>
    /// <param name="seed">Start of the random sequence: the same profile, seed and number of cases make the same run.</param>
    /// <param name="cases">Number of cases: accesses, register writes and invalidations that are compared, from 1 on.</param>
    /// <param name="progress">Told now and then how many cases are done; called by one thread at a time.</param>
    /// <returns>What was found. An MMU that is wrong is no exception, and neither is an exception of the MMU's own.</returns>
    /// <exception cref="ArgumentException">The profile declares neither kind of paging.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="cases"/> is less than 1.</exception>
    public static ConformanceReport Check(
        Func<MmuSetup, IMmuAdapter> create, MmuProfile profile, ulong seed, long cases, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentOutOfRangeException.ThrowIfLessThan(cases, 1);
        if (!profile.Has(MmuCapabilities.PaePaging) && !profile.Has(MmuCapabilities.TwoLevelPaging))
        {
            throw new ArgumentException("The profile declares neither PAE paging nor two-level paging.", nameof(profile));
        }

        return new ScenarioRun(create, profile, seed, cases).Run(progress);
    }
}
