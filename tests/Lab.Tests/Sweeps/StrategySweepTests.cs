using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using X86Pae.Lab.Comparison;
using X86Pae.Lab.Sweeps;
using X86Pae.Lab.Tests.Comparison;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Sweeps;

public sealed class StrategySweepTests
{
    private static readonly Workload OneCpu = Turns(cpus: 1).ToWorkload();

    private static readonly Workload FourCpus = Turns(cpus: 4).ToWorkload();

    private static readonly Lazy<SweepResult> FourCpuSweep = new(() => Sweep.Run(ComparedStrategy.BuiltIn, FourCpus, new ComparisonSettings(CpuModels.CoreDuo)));

    // Everything is free but a locked operation, 20 cycles, and INVLPG, 1 to 1000 of them; so a strategy's cost is what it counted.
    [Fact]
    public void Run_LocksAgainstInvlpg_FlipsWhereTheCountedEventsSay()
    {
        CpuModel model = FreeExcept(("lockedRmw", 20, 20, 20), ("invlpg", 1, 1, 1000));

        SweepResult sweep = Sweep.Run(ComparedStrategy.BuiltIn, OneCpu, new ComparisonSettings(model));

        SweptOrder order = sweep.Orders.Single(one => one.Cheaper == "kmap_local");
        StrategyResult local = Serve("kmap_local", OneCpu, model);
        StrategyResult other = Serve(order.Dearer, OneCpu, model);
        Assert.Equal((600L, 0L, 0L), (local.Hardware.Invlpgs, LockedOperations(local), other.Hardware.Invlpgs));
        long flip = (20 * LockedOperations(other) / local.Hardware.Invlpgs) + 1;
        Assert.InRange(flip, 2, 1000);
        Assert.Equal([new ParameterSetting("invlpg", (int)flip)], order.FlipPoints);
        Assert.Equal([new ParameterSetting("invlpg", 1000)], order.Flip);
        Assert.Equal(["invlpg"], sweep.Swept.Select(range => range.Name));
    }

    [Fact]
    public void Run_LocksAgainstCheapInvlpg_Holds()
    {
        CpuModel model = FreeExcept(("lockedRmw", 20, 10, 40), ("invlpg", 1, 1, 5));

        SweepResult sweep = Sweep.Run(ComparedStrategy.BuiltIn, OneCpu, new ComparisonSettings(model));

        SweptOrder order = sweep.Orders.Single(one => one.Cheaper == "kmap_local");
        Assert.Equal((OrderVerdict.Holds, 4L), (order.Verdict, order.Corners));
        Assert.Equal(("kmap_atomic", "kmap_local", OrderVerdict.Equal), (sweep.Orders[0].Cheaper, sweep.Orders[0].Dearer, sweep.Orders[0].Verdict));
    }

    // Every corner that is reported is that of a comparison on a model with these values.
    [Fact]
    public void Run_FourCpus_HasTheCostsOfTheComparisonAtEachCorner()
    {
        SweepResult sweep = FourCpuSweep.Value;

        IReadOnlyList<StrategyResult> nominal = StrategyComparison.Run(ComparedStrategy.BuiltIn, FourCpus, new ComparisonSettings(CpuModels.CoreDuo));
        Assert.Equal(nominal.Select(result => (result.Strategy, result.CyclesPerMap)), sweep.Costs.Select(cost => (cost.Name, cost.Nominal)));
        Assert.Contains(sweep.Swept, range => range.Name == "ipiWire");
        Assert.All(sweep.Costs, cost =>
        {
            Assert.InRange(cost.Nominal, cost.Minimum, cost.Maximum);
            Assert.Equal(cost.Minimum, CostAt(cost.Name, cost.MinimumCorner));
            Assert.Equal(cost.Maximum, CostAt(cost.Name, cost.MaximumCorner));
        });
        Assert.All(sweep.Orders.Where(order => order.Flip.Count > 0), order =>
            Assert.True(CostAt(order.Cheaper, order.Flip) > CostAt(order.Dearer, order.Flip)));

        static double CostAt(string strategy, IReadOnlyList<ParameterSetting> corner) =>
            Serve(strategy, FourCpus, CpuModels.CoreDuo.With(corner)).CyclesPerMap;
    }

    [Fact]
    public void Run_Twice_IsTheSame() => Assert.Equal(
        JsonSerializer.Serialize(FourCpuSweep.Value),
        JsonSerializer.Serialize(Sweep.Run(ComparedStrategy.BuiltIn, FourCpus, new ComparisonSettings(CpuModels.CoreDuo))));

    // What booting takes would make MOV CR3 matter to every strategy.
    [Fact]
    public void Run_CostsOfBooting_AreNobodys() =>
        Assert.Contains(FourCpuSweep.Value.WithoutEffect, range => range.Name == "movCr3");

    /// <summary>Enough mappings, on each CPU in turn, that the pool is flushed once.</summary>
    private static TraceText Turns(int cpus)
    {
        var text = new TraceText();
        for (int i = 0; i < 600; i++)
        {
            int cpu = i % cpus;
            text.LocalMap(10 + cpu, cpu, i).LocalMapped(10 + cpu, cpu, TraceText.Local(cpu, 0))
                .LocalUnmap(10 + cpu, cpu, TraceText.Local(cpu, 0));
        }

        return text;
    }

    private static long LockedOperations(StrategyResult result) =>
        result.Kernel.LockAcquisitions + result.Kernel.EntryExchanges + result.Hardware.IpisSent;

    /// <summary>A model on which nothing costs anything, or has a range, but the parameters given.</summary>
    private static CpuModel FreeExcept(params (string Name, int Value, int Low, int High)[] parameters)
    {
        using Stream json = typeof(CpuModels).Assembly.GetManifestResourceStream("X86Pae.Timing.Models.core-duo.json")!;
        JsonNode model = JsonNode.Parse(json)!;
        Free(model);
        foreach ((string name, int value, int low, int high) in parameters)
        {
            (model[name]!["value"], model[name]!["low"], model[name]!["high"]) = (value, low, high);
        }

        return CpuModels.Parse(new MemoryStream(Encoding.UTF8.GetBytes(model.ToJsonString())));

        static void Free(JsonNode? node)
        {
            if (node is JsonObject member)
            {
                member.Remove("low");
                member.Remove("high");
                if (member.ContainsKey("value"))
                {
                    member["value"] = 0;
                }

                if (member.ContainsKey("confidence"))
                {
                    member["confidence"] = "derived"; // what is estimated has a range
                }

                foreach ((_, JsonNode? inner) in member)
                {
                    Free(inner);
                }
            }
        }
    }

    private static StrategyResult Serve(string strategy, Workload workload, CpuModel model) =>
        ComparedStrategy.BuiltIn.Single(one => one.Name == strategy).Serve(workload, new ComparisonSettings(model));
}
