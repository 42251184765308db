using X86Pae.Tlb;

namespace X86Pae.Reference.Library;

/// <summary>The configurations that stand for the policies of scenarios.</summary>
internal static class LibraryCaches
{
    private const int DisturbancesPerThousand = 150;

    /// <summary>The caches as the library is told of them.</summary>
    /// <param name="setup">The caches.</param>
    /// <param name="models">Those that <see cref="CachePolicy.Model"/> chooses from.</param>
    public static TlbConfiguration ToLibrary(this CacheSetup setup, IReadOnlyList<TlbConfiguration> models) =>
        Shapes(setup, models) with { SplintersLargePages = setup.SplintersLargePages };

    private static TlbConfiguration Shapes(CacheSetup setup, IReadOnlyList<TlbConfiguration> models)
    {
        switch (setup.Policy)
        {
            case CachePolicy.Coherent:
                return TlbConfiguration.Coherent;
            case CachePolicy.Model:
                return models[(int)(setup.Seed % (ulong)models.Count)];
            case CachePolicy.Tiny:
                return All(new TlbGeometry(1, 2));
            case CachePolicy.TinyLevels:
                return Levels(setup.Seed);
            case CachePolicy.Ample:
                return All(new TlbGeometry(1, 64));
            case CachePolicy.MaximallyStale:
                return TlbConfiguration.MaximallyStale;
            case CachePolicy.Functional:
                return TlbConfiguration.Functional;
            case CachePolicy.FunctionalAmple:
                return All(new TlbGeometry(1, 64)) with { HostCached = true };
            default:
                return TlbConfiguration.Randomized(setup.Seed) with { Randomization = Randomization(setup.Seed) };
        }
    }

    private static TlbRandomization Randomization(ulong seed) => new(seed, DisturbancesPerThousand, DisturbancesPerThousand);

    private static TlbConfiguration Levels(ulong seed)
    {
        bool instructionSizesShare = Bit(seed, 0);
        bool dataSizesShare = Bit(seed, 1);
        bool secondSizesShare = Bit(seed, 2);
        bool secondIsUnified = Bit(seed, 3);
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
            LoadLarge = Bit(seed, 4) ? one : TlbGeometry.None,
            SecondData4K = four,
            SecondDataLarge = secondSizesShare ? TlbGeometry.None : four,
            SecondInstruction4K = secondIsUnified ? TlbGeometry.None : four,
            SecondInstructionLarge = secondIsUnified || secondSizesShare ? TlbGeometry.None : four,
            InstructionSizesShare = instructionSizesShare,
            DataSizesShare = dataSizesShare,
            SecondSizesShare = secondSizesShare,
            SecondIsUnified = secondIsUnified,
            PdeCache = two,
            Randomization = Bit(seed, 5) ? Randomization(seed) : null,
        };
    }

    private static bool Bit(ulong seed, int bit) => ((seed >> bit) & 1) != 0;

    private static TlbConfiguration All(TlbGeometry geometry) => new()
    {
        Instruction4K = geometry,
        InstructionLarge = geometry,
        Data4K = geometry,
        DataLarge = geometry,
        PdeCache = geometry,
    };
}
