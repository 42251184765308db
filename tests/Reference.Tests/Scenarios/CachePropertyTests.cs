using FsCheck;
using FsCheck.Fluent;
using X86Pae.Reference.Library;
using X86Pae.Reference.Scenarios;
using X86Pae.Timing;

namespace X86Pae.Reference.Tests.Scenarios;

/// <summary>Whole MMUs against the executable specification, on random scenarios, by policy of their caches.</summary>
/// <remarks>
/// One or two processors edit entries, write registers, invalidate and access. The library's results must be among the
/// permitted ones and its memory must show the flags of the way it took; after a full flush memory alone counts.
/// </remarks>
public sealed class CachePropertyTests
{
    private static readonly LibraryMmuFactory Library = new([.. CpuModels.All.Select(model => model.Tlbs)]);

    // C43 to C45, C50 to C58, C60, C61, C64, C70, C73.
    [Theory]
    [Trait("Category", "Long")]
    [InlineData((int)CachePolicy.Coherent, 1_000)]
    [InlineData((int)CachePolicy.Model, 1_000)]
    [InlineData((int)CachePolicy.Tiny, 1_000)]
    [InlineData((int)CachePolicy.TinyLevels, 2_000)]
    [InlineData((int)CachePolicy.Ample, 2_000)]
    [InlineData((int)CachePolicy.MaximallyStale, 100)]
    [InlineData((int)CachePolicy.Functional, 2_000)]
    [InlineData((int)CachePolicy.FunctionalAmple, 1_000)]
    [InlineData((int)CachePolicy.Randomized, 1_000)]
    public void Mmu_RandomScenario_DoesOnlyWhatIsPermitted(int caches, int scenarios)
    {
        var policy = (CachePolicy)caches;
        var runner = new ScenarioRunner(Library.Create, LibraryMmuFactory.Profile);

        Prop.ForAll(Scenarios(policy), scenario => runner.Run(scenario))
            .Check(Config.QuickThrowOnFailure.WithReplay(2026, 11).WithMaxTest(scenarios));

        ScenarioStatistics statistics = runner.Statistics;
        Assert.True(statistics.Translated > 10 * scenarios, "translated");
        Assert.True(statistics.Denied > scenarios, "denied");
        Assert.True(statistics.Ambiguous > scenarios / 2, "more than one outcome permitted");
        int enough = policy == CachePolicy.Functional ? scenarios / 50 : scenarios / 20; // it drops more than it must
        Assert.True(policy == CachePolicy.Coherent ? statistics.Stale == 0 : statistics.Stale > enough, $"{statistics.Stale} stale");
    }

    // The same in a moment, for mutation testing.
    [Theory]
    [InlineData((int)CachePolicy.Coherent)]
    [InlineData((int)CachePolicy.Model)]
    [InlineData((int)CachePolicy.Tiny)]
    [InlineData((int)CachePolicy.TinyLevels)]
    [InlineData((int)CachePolicy.Ample)]
    [InlineData((int)CachePolicy.Functional)]
    [InlineData((int)CachePolicy.FunctionalAmple)]
    [InlineData((int)CachePolicy.Randomized)]
    public void Mmu_SixtyRandomScenarios_DoOnlyWhatIsPermitted(int caches)
    {
        var policy = (CachePolicy)caches;
        var runner = new ScenarioRunner(Library.Create, LibraryMmuFactory.Profile);

        Prop.ForAll(Scenarios(policy), scenario => runner.Run(scenario))
            .Check(Config.QuickThrowOnFailure.WithReplay(2027, 11).WithMaxTest(60));

        Assert.True(runner.Statistics.Translated > 600, "translated");
    }

    private static Arbitrary<Scenario> Scenarios(CachePolicy policy) => Arb.From(
        Gen.Choose(0, int.MaxValue).Select(seed => ScenarioGenerator.FromSeed(seed, LibraryMmuFactory.Profile, policy)),
        scenario => scenario.Smaller());
}
