using X86Pae.Kmap.Traces;
using X86Pae.Lab.Comparison;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Comparison;

/// <summary>The example of the package's README.</summary>
public sealed class ReadmeExampleTests
{
    [Fact]
    public void Comparison_OfARecording_YieldsEachStrategy()
    {
        using MappingTrace trace = MappingTrace.Open(TestData.PathOf("kmap", "forkio-4cpu.ftrace.gz"));
        Workload workload = Workload.FromTrace(trace, "forkio");
        List<string> lines = [];
        foreach (StrategyResult result in StrategyComparison.Run(ComparedStrategy.BuiltIn, workload, new ComparisonSettings(CpuModels.CoreDuo)))
        {
            lines.Add($"{result.Strategy}: {result.CyclesPerMap:F1} cycles for each mapping");
        }

        Assert.Equal(4, lines.Count);
    }
}
