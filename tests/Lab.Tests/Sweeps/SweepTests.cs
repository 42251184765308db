using X86Pae.Lab.Sweeps;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Sweeps;

// Contenders whose cost is a formula, so that every corner is known by arithmetic. On core-duo INVLPG is 150 (70 to 280) and
// MOV CR3 150 (90 to 250); PUSHF and POPF, 24, have no range.
public sealed class SweepTests
{
    private static readonly CpuModel Model = CpuModels.CoreDuo;

    [Fact]
    public void Run_OrderThatOneParameterDecides_FlipsWhereThatIsDearer()
    {
        SweptOrder order = Assert.Single(Run(
            Of("invlpg", model => model.Invlpg.Value), Of("fixed", _ => 200)).Orders);

        Assert.Equal(("invlpg", "fixed", OrderVerdict.Flips), (order.Cheaper, order.Dearer, order.Verdict));
        Assert.Equal([new ParameterSetting("invlpg", 280)], order.Flip);
        Assert.Equal([new ParameterSetting("invlpg", 201)], order.FlipPoints);
        Assert.Equal(2, order.Corners);
    }

    [Fact]
    public void Run_OrderThatOneParameterDecidesDownwards_HasItsFlipPointBelow()
    {
        SweptOrder order = Assert.Single(Run(Of("fixed", _ => 100), Of("invlpg", model => model.Invlpg.Value)).Orders);

        Assert.Equal([new ParameterSetting("invlpg", 70)], order.Flip);
        Assert.Equal([new ParameterSetting("invlpg", 99)], order.FlipPoints);
    }

    // 280 + 150 and 150 + 250 are below 450, 280 + 250 is not.
    [Fact]
    public void Run_OrderThatTakesTwoParameters_NamesBothAndNoFlipPoint()
    {
        SweepResult sweep = Run(
            Of("sum", model => model.Invlpg.Value + model.MovCr3.Value + model.Cli.Value - model.Cli.Value), Of("fixed", _ => 450));
        SweptOrder order = Assert.Single(sweep.Orders);

        Assert.Equal([new ParameterSetting("movCr3", 250), new ParameterSetting("invlpg", 280)], order.Flip);
        Assert.Empty(order.FlipPoints);
        Assert.Same(order, sweep.FirstFlip);
        Assert.Equal(OrderVerdict.Flips, sweep.Verdict);
    }

    // Their ranges overlap, but it is the same INVLPG for both.
    [Fact]
    public void Run_ParameterOfBoth_HasOneValueAtACorner()
    {
        SweepResult sweep = Run(
            Of("two", model => 2 * model.Invlpg.Value), Of("three", model => 3 * model.Invlpg.Value));

        Assert.Equal((140.0, 300.0, 560.0), (sweep.Costs[0].Minimum, sweep.Costs[0].Nominal, sweep.Costs[0].Maximum));
        Assert.Equal((210.0, 450.0, 840.0), (sweep.Costs[1].Minimum, sweep.Costs[1].Nominal, sweep.Costs[1].Maximum));
        Assert.Equal([new ParameterSetting("invlpg", 70)], sweep.Costs[0].MinimumCorner);
        Assert.Equal([new ParameterSetting("invlpg", 280)], sweep.Costs[1].MaximumCorner);
        Assert.Equal((OrderVerdict.Holds, null, true), (sweep.Verdict, sweep.FirstFlip, sweep.IsEveryCorner));
        Assert.Empty(sweep.Orders[0].Flip);
        Assert.Empty(sweep.Orders[0].FlipPoints);
    }

    [Fact]
    public void Run_SameCosts_AreEqualAtEveryCorner()
    {
        SweepResult sweep = Run(Of("one", model => model.Invlpg.Value), Of("other", model => model.Invlpg.Value));

        Assert.Equal((OrderVerdict.Equal, OrderVerdict.Equal), (sweep.Orders[0].Verdict, sweep.Verdict));
    }

    [Fact]
    public void Run_EqualCostsThatPartInBothDirections_Flip()
    {
        SweepResult sweep = Run(Of("invlpg", model => model.Invlpg.Value), Of("movCr3", model => model.MovCr3.Value));

        Assert.Equal((OrderVerdict.Flips, 4L), (sweep.Orders[0].Verdict, sweep.Orders[0].Corners));
        Assert.Equal([new ParameterSetting("invlpg", 151), new("movCr3", 149)], sweep.Orders[0].FlipPoints);
    }

    // Neither changes anything alone, so that only a run with both at their upper ends tells that they matter.
    [Fact]
    public void Run_ParametersThatMatterOnlyTogether_AreSwept()
    {
        SweepResult sweep = Run(
            Of("both", model => model.Invlpg.Value == 280 && model.MovCr3.Value == 250 ? 300 : 100), Of("fixed", _ => 200));

        Assert.Contains(sweep.Swept, range => range.Name == "invlpg");
        Assert.Contains(sweep.Swept, range => range.Name == "movCr3");
        Assert.Equal((300.0, OrderVerdict.Flips), (sweep.Costs[0].Maximum, sweep.Verdict));
    }

    // Each alone costs little; only the corner with both, low and high, is dear.
    [Fact]
    public void Run_CostThatIsNoSum_IsJudgedByTheCornersThemselves()
    {
        SweepResult sweep = Run(
            Of("odd", model => model is { Invlpg.Value: 70, MovCr3.Value: 250 } ? 1000
                : model.Invlpg.Value + model.MovCr3.Value),
            Of("fixed", _ => 600));

        Assert.Equal(1000, sweep.Costs[0].Maximum);
        Assert.Equal([new ParameterSetting("movCr3", 250), new("invlpg", 70)], sweep.Costs[0].MaximumCorner);
        Assert.Equal([new ParameterSetting("movCr3", 250), new("invlpg", 70)], sweep.Orders[0].Flip);
    }

    [Fact]
    public void Run_ParameterWithoutRange_IsNeverTouched()
    {
        SweepResult sweep = Run(Of("pushf", model => model.PushfPopf.Value), Of("lock", model => 10 * model.LockedRmw.Value));

        Assert.Empty(sweep.Swept);
        Assert.Empty(sweep.LeftNominal);
        Assert.Equal(Model.ListRanges(), sweep.WithoutEffect);
        Assert.DoesNotContain(sweep.WithoutEffect, range => range.Name is "pushfPopf" or "lockedRmw");
        Assert.All(sweep.Costs, cost => Assert.Equal((1, cost.Nominal, cost.Nominal), (cost.Corners, cost.Minimum, cost.Maximum)));
    }

    [Fact]
    public void Run_Contender_IsOnlyRunForWhatMattersToIt()
    {
        int ranges = Model.ListRanges().Count();
        var seen = new System.Collections.Concurrent.ConcurrentBag<CpuModel>();

        SweepResult sweep = Run(Of("three", model =>
        {
            seen.Add(model);
            return model.Invlpg.Value + model.MovCr3.Value + model.IpiWire.Value;
        }));

        // Nominal, each range's two ends, all the others at either end, and eight corners; all of them different models.
        Assert.Equal(1 + (2 * ranges) + 2 + 8, sweep.Runs);
        Assert.Equal(sweep.Runs, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.All(seen, model => Assert.Equal(Model.LockedRmw, model.LockedRmw));
        Assert.Empty(sweep.Orders);
    }

    [Fact]
    public void Run_MoreParametersThanTheLimit_LeavesThoseWithTheLeastEffectAndSaysSo()
    {
        SweepResult sweep = Sweep.Run(
            Model,
            [
                Of("sum", model => (10 * model.Invlpg.Value) + model.MovCr3.Value + (100 * model.IpiWire.Value)),
                Of("fixed", _ => 1_000_000),
            ],
            parameterLimit: 2);

        Assert.Equal(["invlpg", "ipiWire"], sweep.Swept.Select(range => range.Name));
        Assert.Equal(["movCr3"], sweep.LeftNominal.Select(range => range.Name));
        Assert.False(sweep.IsEveryCorner);
        Assert.Equal((4, (2800.0 + 150) + 50_000), (sweep.Costs[0].Corners, sweep.Costs[0].Maximum));
    }

    // A range of one side: its other end is the nominal value, and nothing is run twice.
    [Fact]
    public void Run_RangeThatBeginsAtTheNominalValue_HasOneEnd()
    {
        CpuModel model = Model with { PushfPopf = Model.PushfPopf with { Low = 24, High = 50 } };

        SweepResult sweep = Sweep.Run(model, [Of("pushf", one => one.PushfPopf.Value)]);

        Assert.Equal(1 + (2 * Model.ListRanges().Count()) + 2 + 1, sweep.Runs);
        Assert.Equal((24.0, 24.0, 50.0), (sweep.Costs[0].Nominal, sweep.Costs[0].Minimum, sweep.Costs[0].Maximum));
    }

    [Fact]
    public void Run_NumberOfEntries_IsSweptAndFlipsAtAnEnd()
    {
        SweepResult sweep = Run(Of("entries", model => model.Tlbs.PdeCache.Entries), Of("fixed", _ => 20));

        Assert.Equal(["tlbs.pdeCache.entries"], sweep.Swept.Select(range => range.Name));
        Assert.Equal([new ParameterSetting("tlbs.pdeCache.entries", 32)], sweep.Orders[0].FlipPoints);
    }

    [Fact]
    public void Run_WithoutContendersOrWithABadLimit_IsRefused()
    {
        Assert.Equal("contenders", Assert.Throws<ArgumentException>(() => Sweep.Run<double>(Model, [])).ParamName);
        foreach (int limit in (int[])[0, 21])
        {
            Assert.Equal(
                "parameterLimit",
                Assert.Throws<ArgumentOutOfRangeException>(() => Sweep.Run(Model, [Of("x", _ => 1)], limit)).ParamName);
        }
    }

    private static SweepResult Run(params Contender<double>[] contenders) => Sweep.Run(Model, contenders);

    private static Contender<double> Of(string name, Func<CpuModel, double> cost) => new(name, cost, result => result);
}
