using X86Pae.Tlb;

namespace X86Pae.Reference.Library;

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
internal sealed record CacheSetup(CachePolicy Policy, bool SplintersLargePages, ulong Seed)
{
    private const int DisturbancesPerThousand = 150;

    /// <summary>The caches as the library is told of them.</summary>
    /// <param name="models">Those that <see cref="CachePolicy.Model"/> chooses from.</param>
    public TlbConfiguration ToLibrary(IReadOnlyList<TlbConfiguration> models) =>
        Shapes(models) with { SplintersLargePages = SplintersLargePages };

    private TlbConfiguration Shapes(IReadOnlyList<TlbConfiguration> models)
    {
        switch (Policy)
        {
            case CachePolicy.Coherent:
                return TlbConfiguration.Coherent;
            case CachePolicy.Model:
                return models[(int)(Seed % (ulong)models.Count)];
            case CachePolicy.Tiny:
                return All(new TlbGeometry(1, 2));
            case CachePolicy.TinyLevels:
                return Levels();
            case CachePolicy.Ample:
                return All(new TlbGeometry(1, 64));
            case CachePolicy.MaximallyStale:
                return TlbConfiguration.MaximallyStale;
            case CachePolicy.Functional:
                return TlbConfiguration.Functional;
            case CachePolicy.FunctionalAmple:
                return All(new TlbGeometry(1, 64)) with { HostCached = true };
            default:
                return TlbConfiguration.Randomized(Seed) with { Randomization = Randomization() };
        }
    }

    private TlbRandomization Randomization() => new(Seed, DisturbancesPerThousand, DisturbancesPerThousand);

    private TlbConfiguration Levels()
    {
        bool instructionSizesShare = SeedBit(0);
        bool dataSizesShare = SeedBit(1);
        bool secondSizesShare = SeedBit(2);
        bool secondIsUnified = SeedBit(3);
        TlbGeometry one = new(1, 1);
        TlbGeometry two = new(1, 2);
        TlbGeometry four = new(1, 4);
        return new TlbConfiguration
        {
            Instruction4K = two,
            InstructionLarge = instructionSizesShare ? TlbGeometry.None : two,
            Data4K = two,
            DataLarge = dataSizesShare ? TlbGeometry.None : two,
            Load4K = one,
            LoadLarge = SeedBit(4) ? one : TlbGeometry.None,
            SecondData4K = four,
            SecondDataLarge = secondSizesShare ? TlbGeometry.None : four,
            SecondInstruction4K = secondIsUnified ? TlbGeometry.None : four,
            SecondInstructionLarge = secondIsUnified || secondSizesShare ? TlbGeometry.None : four,
            InstructionSizesShare = instructionSizesShare,
            DataSizesShare = dataSizesShare,
            SecondSizesShare = secondSizesShare,
            SecondIsUnified = secondIsUnified,
            PdeCache = two,
            Randomization = SeedBit(5) ? Randomization() : null,
        };
    }

    private bool SeedBit(int bit) => ((Seed >> bit) & 1) != 0;

    private static TlbConfiguration All(TlbGeometry geometry) => new()
    {
        Instruction4K = geometry,
        InstructionLarge = geometry,
        Data4K = geometry,
        DataLarge = geometry,
        PdeCache = geometry,
    };
}
