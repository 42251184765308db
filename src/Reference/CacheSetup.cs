namespace X86Pae.Reference;

/// <summary>The translation caches that a scenario runs with.</summary>
internal enum CachePolicy
{
    /// <summary>None.</summary>
    Coherent,

    /// <summary>Those of one of the processors that the run is given, by the seed.</summary>
    Model,

    /// <summary>One or two entries each, so that they are replaced all the time.</summary>
    Tiny,

    /// <summary>One to four entries each on two levels and one for loads; by the seed, arrays are shared and entries lost.</summary>
    TinyLevels,

    /// <summary>More entries than a scenario has pages, so that none is ever replaced.</summary>
    Ample,

    /// <summary>One entry for each page there is; it takes its time to allocate.</summary>
    MaximallyStale,

    /// <summary>Recent translations as the host wants them, and nothing modelled.</summary>
    Functional,

    /// <summary>The same in front of more entries than a scenario has pages.</summary>
    FunctionalAmple,

    /// <summary>Entries lost and filled at random.</summary>
    Randomized,
}

/// <summary>The translation caches of a scenario of the library: a policy, and a seed for what the policy leaves open.</summary>
internal sealed record CacheSetup(CachePolicy Policy, bool SplintersLargePages, ulong Seed);
