using X86Pae.Lab.Experiments;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Experiments;

public sealed class TranslationCostsTests
{
    [Theory]
    [InlineData("core-duo", 5, 0)]
    [InlineData("core2-conroe", 9, 2)]
    [InlineData("skylake", 16, 7)]
    [InlineData("k8-manchester", 17, 6)]
    [InlineData("pentium4-prescott", 36, 0)]
    public void Measure_Misses_CostWhatTheParametersSay(string name, long full, long next)
    {
        var costs = new TranslationCosts(CpuModels.Find(name)!);

        Assert.Equal((full, next), (costs.MeasureFullMiss(), costs.MeasureNextLevelHit()));
    }

    // A random victim leaves some of the pages in place where LRU and its kin lose all of them.
    [Fact]
    public void MeasureWalks_RandomReplacement_IsTold()
    {
        CpuModel prescott = CpuModels.Find("pentium4-prescott")!;
        TlbArray data = prescott.TlbArrays.Data4K!;
        CpuModel random = prescott with
        {
            TlbArrays = prescott.TlbArrays with { Data4K = data with { Replacement = X86Pae.Tlb.Replacement.Random } },
        };

        Assert.Equal(1, new TranslationCosts(prescott).MeasureWalks(1.5));
        Assert.InRange(new TranslationCosts(random).MeasureWalks(1.5), 0.4, 0.8);
        Assert.Equal(0, new TranslationCosts(random).MeasureWalks(1));
    }

    [Fact]
    public void MeasureNearestMisses_Core2_IsOfTheLevelThatOnlyLoadsUse()
    {
        var costs = new TranslationCosts(CpuModels.Find("core2-conroe")!);

        Assert.Equal((0, 1), (costs.MeasureNearestMisses(1), costs.MeasureNearestMisses(1.5)));
        Assert.Equal((0, 1), (costs.MeasureWalks(1), costs.MeasureWalks(1.5)));
    }
}
