using X86Pae.Kmap.Strategies;
using X86Pae.Kmap.Traces;
using X86Pae.Lab.Comparison;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Comparison;

public sealed class StrategyComparisonTests
{
    private static readonly Lazy<Workload> Forkio = new(() => Load("forkio-4cpu.ftrace.gz"));

    [Fact]
    public void FromTrace_Recording_HasItsSinglePageMappings()
    {
        Workload forkio = Forkio.Value;
        Workload fs = Load("fs-4cpu-preempt.ftrace.gz");

        Assert.Equal((4, 29_906, 0L), (forkio.Processors, forkio.Mappings, forkio.MultiPageMappingsLeftOut));
        Assert.Equal((4, 12_702 + 1_017, 429 + 4L), (fs.Processors, fs.Mappings, fs.MultiPageMappingsLeftOut));
        Assert.All(fs.Steps.ToArray(), step => Assert.InRange(step.Task, 0, fs.Tasks - 1));
    }

    [Theory]
    [InlineData("forkio-4cpu.ftrace.gz")]
    [InlineData("fs-4cpu-preempt.ftrace.gz")]
    public void Run_Recording_IsServedByEachStrategyWithoutAWrongRead(string file)
    {
        Workload workload = file == "forkio-4cpu.ftrace.gz" ? Forkio.Value : Load(file);

        IReadOnlyList<StrategyResult> results = StrategyComparison.Run(ComparedStrategy.BuiltIn, workload, new ComparisonSettings(CpuModels.CoreDuo));

        Assert.Equal(
            ComparedStrategy.BuiltIn.Select(strategy => strategy.Name).Order(StringComparer.Ordinal),
            results.Select(result => result.Strategy).Order(StringComparer.Ordinal));
        Assert.All(results, result =>
        {
            Assert.Equal((workload.Mappings, 0L, 0L), (result.Maps, result.Refused, result.WrongReads));
            Assert.Equal(Sum(result.Accounts), result.MappingCycles + result.Accounts[CycleAccount.Work]);
            Assert.True(result.MappingCycles > 0);
        });
        Assert.Equal(results.OrderBy(result => result.MappingCycles), results);
    }

    [Fact]
    public void Run_Twice_IsTheSame()
    {
        IReadOnlyList<StrategyResult> first = StrategyComparison.Run(ComparedStrategy.BuiltIn, Forkio.Value, new ComparisonSettings(CpuModels.CoreDuo));

        Assert.Equal(first, StrategyComparison.Run(ComparedStrategy.BuiltIn, Forkio.Value, new ComparisonSettings(CpuModels.CoreDuo)));
    }

    // Per-CPU and per-task strategies never interrupt anybody; the others send N - 1 for each flush.
    [Fact]
    public void Run_Recording_CountsAreThoseOfTheAlgorithms()
    {
        IReadOnlyList<StrategyResult> results = StrategyComparison.Run(ComparedStrategy.BuiltIn, Forkio.Value, new ComparisonSettings(CpuModels.CoreDuo) { Touch = Touch.None });

        foreach (StrategyResult result in results)
        {
            Assert.Equal(result.Hardware.IpisSent, result.Hardware.IpisHandled);
            Assert.Equal(3 * result.Kernel.FullFlushes, 4 * result.Hardware.IpisSent);
            switch (result.Strategy)
            {
                case "kmap_local" or "kmap_atomic":
                    Assert.Equal(0, result.Kernel.FullFlushes);
                    Assert.True(result.Hardware.Invlpgs >= result.Maps - 50);
                    break;
                case "kmap":
                    Assert.Equal(0, result.Hardware.Invlpgs);
                    Assert.InRange(result.Kernel.FullFlushes, 4, 4 * (result.Maps / 512));
                    break;
                case "vmap":
                    Assert.Equal(4 * (result.Maps / 12_289), result.Kernel.FullFlushes);
                    break;
            }
        }
    }

    // A variant of a type gets what the type gets, under a name of its own.
    [Fact]
    public void Of_TypeUnderAnotherName_IsServedAlike()
    {
        ComparedStrategy variant = ComparedStrategy.Of(kernel => new KmapLocal(kernel), "variant");
        var settings = new ComparisonSettings(CpuModels.CoreDuo);

        StrategyResult result = variant.Serve(Forkio.Value, settings);

        Assert.Equal(("variant", KmapLocal.Contract), (variant.Name, variant.Contract));
        StrategyResult own = ComparedStrategy.BuiltIn.Single(one => one.Name == "kmap_local").Serve(Forkio.Value, settings);
        Assert.Equal(own with { Strategy = "variant" }, result);
    }

    private static Workload Load(string file)
    {
        using MappingTrace trace = MappingTrace.Open(TestData.PathOf("kmap", file));
        return Workload.FromTrace(trace, file);
    }

    private static long Sum(CycleAccounts accounts)
    {
        long sum = 0;
        foreach (long cycles in accounts)
        {
            sum += cycles;
        }

        return sum;
    }
}
