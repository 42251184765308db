using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Fuzzing;

/// <summary>Which caches, and how they behave where they have a choice.</summary>
public sealed record CacheSetup(CachePolicy Policy, bool SplintersLargePages, ulong Seed)
{
    private const int DisturbancesPerThousand = 150;

    /// <summary>Whether walks are made on speculation.</summary>
    public bool Speculates => Shapes().Randomization is not null;

    public TlbConfiguration ToLibrary() => Shapes() with { SplintersLargePages = SplintersLargePages };

    private TlbConfiguration Shapes()
    {
        switch (Policy)
        {
            case CachePolicy.Coherent:
                return TlbConfiguration.Coherent;
            case CachePolicy.Model:
                return CpuModels.All[(int)(Seed % (ulong)CpuModels.All.Count)].Tlbs;
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
