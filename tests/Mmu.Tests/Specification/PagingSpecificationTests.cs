using FsCheck;
using FsCheck.Fluent;
using X86Pae.Reference.Scenarios;

namespace X86Pae.Tests.Specification;

/// <summary>The library against the executable specification, on random scenarios.</summary>
[Trait("Category", "Long")]
public sealed class PagingSpecificationTests
{
    private const int Scenarios = 4_000;

    // C01 to C14, C20 to C22, C30 to C34, C40 to C42, C45, C63 to C65, C72.
    [Fact]
    public void PaePaging_RandomScenario_BehavesAsTheSpecification()
    {
        ScenarioStatistics statistics = RunRandomScenarios(twoLevel: false);

        Assert.True(statistics.Translated > 20_000, "translated");
        Assert.True(statistics.NotPresent > 5_000, "not present");
        Assert.True(statistics.Reserved > 5_000, "reserved");
        Assert.True(statistics.Denied > 10_000, "denied");
        Assert.True(statistics.Refused > 2_000, "refused");
        Assert.True(statistics.PdpteLoads > 10_000, "PDPTE loads");
    }

    // C80.
    [Fact]
    public void TwoLevelPaging_RandomScenario_BehavesAsTheSpecification()
    {
        ScenarioStatistics statistics = RunRandomScenarios(twoLevel: true);

        Assert.True(statistics.Translated > 20_000, "translated");
        Assert.True(statistics.NotPresent > 5_000, "not present");
        Assert.True(statistics.Reserved > 2_000, "reserved");
        Assert.True(statistics.Denied > 10_000, "denied");
    }

    private static ScenarioStatistics RunRandomScenarios(bool twoLevel)
    {
        var statistics = new ScenarioStatistics();
        Gen<Scenario> scenarios = Gen.Choose(0, int.MaxValue).Select(seed => WalkScenarioGenerator.FromSeed(seed, twoLevel));
        Prop.ForAll(Arb.From(scenarios, scenario => scenario.Smaller()), scenario => WalkScenarioRunner.Run(scenario, statistics))
            .Check(Config.QuickThrowOnFailure.WithReplay(2026, 11).WithMaxTest(Scenarios));
        return statistics;
    }
}
