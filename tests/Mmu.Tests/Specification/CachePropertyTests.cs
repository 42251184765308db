using FsCheck;
using FsCheck.Fluent;
using X86Pae.Fuzzing;

namespace X86Pae.Tests.Specification;

/// <summary>Whole MMUs against the executable specification, on random scenarios, by policy of their caches.</summary>
/// <remarks>
/// One or two processors edit entries, write registers, invalidate and access. The library's results must be among the
/// permitted ones and its memory must show the flags of the way it took; after a full flush memory alone counts. The library's
/// own answer to what is permitted must be the specification's, result by result.
/// </remarks>
public sealed class CachePropertyTests
{
    // C43 to C45, C50 to C58, C60, C61, C64, C70, C73.
    [Theory]
    [Trait("Category", "Long")]
    [InlineData(CachePolicy.Coherent, 1_000)]
    [InlineData(CachePolicy.Model, 1_000)]
    [InlineData(CachePolicy.Tiny, 1_000)]
    [InlineData(CachePolicy.TinyLevels, 2_000)]
    [InlineData(CachePolicy.Ample, 2_000)]
    [InlineData(CachePolicy.MaximallyStale, 100)]
    [InlineData(CachePolicy.Functional, 2_000)]
    [InlineData(CachePolicy.FunctionalAmple, 1_000)]
    [InlineData(CachePolicy.Randomized, 1_000)]
    public void Mmu_RandomScenario_DoesOnlyWhatIsPermitted(CachePolicy policy, int scenarios)
    {
        var runner = new MmuScenarioRunner();

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
    [InlineData(CachePolicy.Coherent)]
    [InlineData(CachePolicy.Model)]
    [InlineData(CachePolicy.Tiny)]
    [InlineData(CachePolicy.TinyLevels)]
    [InlineData(CachePolicy.Ample)]
    [InlineData(CachePolicy.Functional)]
    [InlineData(CachePolicy.FunctionalAmple)]
    [InlineData(CachePolicy.Randomized)]
    public void Mmu_SixtyRandomScenarios_DoOnlyWhatIsPermitted(CachePolicy policy)
    {
        var runner = new MmuScenarioRunner();

        Prop.ForAll(Scenarios(policy), scenario => runner.Run(scenario))
            .Check(Config.QuickThrowOnFailure.WithReplay(2027, 11).WithMaxTest(60));

        Assert.True(runner.Statistics.Translated > 600, "translated");
    }

    private static Arbitrary<Scenario> Scenarios(CachePolicy policy) => Arb.From(
        Gen.Choose(0, int.MaxValue).Select(seed => MmuScenarioGenerator.FromSeed(seed, policy)),
        scenario => scenario.Smaller());
}
