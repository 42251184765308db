using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Fuzzing;

/// <summary>Which caches, and how they behave where they have a choice.</summary>
public sealed record CacheSetup(CachePolicy Policy, bool SplintersLargePages, ulong Seed)
{
    private const int DisturbancesPerThousand = 150;

    public TlbConfiguration ToLibrary() => Shapes() with { SplintersLargePages = SplintersLargePages };

    private TlbConfiguration Shapes()
    {
        switch (Policy)
        {
            case CachePolicy.Coherent:
                return TlbConfiguration.Coherent;
            case CachePolicy.CoreDuo:
                return CpuModels.CoreDuo.Tlbs;
            case CachePolicy.Tiny:
                return All(new TlbGeometry(1, 2));
            case CachePolicy.Ample:
                return All(new TlbGeometry(1, 64));
            case CachePolicy.MaximallyStale:
                return TlbConfiguration.MaximallyStale;
            default:
                return TlbConfiguration.Randomized(Seed) with
                {
                    Randomization = new TlbRandomization(Seed, DisturbancesPerThousand, DisturbancesPerThousand),
                };
        }
    }

    private static TlbConfiguration All(TlbGeometry geometry) => new()
    {
        Instruction4K = geometry,
        InstructionLarge = geometry,
        Data4K = geometry,
        DataLarge = geometry,
        PdeCache = geometry,
    };
}
