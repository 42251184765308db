using X86Pae.Timing;

namespace X86Pae.Cli.Tests.Latency;

// Each built-in model against the load latencies measured on its processor.
public sealed class MeasuredLatencyTests
{
    [Theory]
    [InlineData("pentium3-katmai", 33, 3, 22)]
    [InlineData("pentium3-tualatin", 33, 3, 22)]
    [InlineData("pentium4-northwood", 33, 0, 22)]
    [InlineData("pentium4-prescott", 81, 20, 21)]
    [InlineData("pentium-m-dothan", 43, 8, 12)]
    [InlineData("yonah-celeron215", 33, 1, 22)]
    [InlineData("core2-conroe", 91, 56, 11)]
    [InlineData("core2-yorkfield", 96, 61, 7)]
    [InlineData("nehalem-lynnfield", 86, 32, 4)]
    [InlineData("sandybridge", 86, 32, 4)]
    [InlineData("haswell", 86, 32, 4)]
    [InlineData("skylake", 82, 28, 8)]
    [InlineData("k8-manchester", 54, 8, 36)]
    [InlineData("k10-thuban", 82, 32, 8)]
    [InlineData("zen1", 86, 32, 4)]
    public void CheckLatency_ModelOfTheProcessor_Holds(string name, int resident, int missing, int dram)
    {
        CommandRun run = CommandRun.Of("check-latency", TestFiles.Latency(name), "--cpu", name);

        Assert.Empty(run.Error);
        Assert.DoesNotContain("FAILS", run.Output, StringComparison.Ordinal);
        Assert.Matches($@"(?m)^cache-resident +{resident} cells, .*: holds$", run.Output);
        Assert.Matches($@"(?m)^TLB-missing +{missing} cells, .*: {(missing == 0 ? "no such cell" : "holds")}$", run.Output);
        Assert.Matches($@"(?m)^DRAM +{dram} cells, .*: holds$", run.Output);
        Assert.Equal(0, run.ExitStatus);
    }

    // What was promised; a model that has a wider tolerance would pass its check without keeping it. Null: nothing promised.
    [Theory]
    [InlineData("pentium3-katmai", 1.0, 3.0, 15.0)]
    [InlineData("pentium3-tualatin", 1.0, 3.0, 15.0)]
    [InlineData("pentium-m-dothan", 1.0, 3.0, 15.0)]
    [InlineData("yonah-celeron215", 1.0, 3.0, 15.0)]
    [InlineData("pentium4-prescott", 1.0, 3.0, 15.0)]
    [InlineData("core2-conroe", 1.0, 3.0, 15.0)]
    [InlineData("core2-yorkfield", 1.0, 3.0, 15.0)]
    [InlineData("nehalem-lynnfield", null, 3.0, 15.0)]
    [InlineData("sandybridge", null, 3.0, 15.0)]
    [InlineData("haswell", null, 3.0, null)]
    [InlineData("skylake", null, 3.0, null)]
    [InlineData("zen1", null, 3.0, 15.0)]
    [InlineData("pentium4-northwood", 12.0, 12.0, 15.0)]
    [InlineData("k8-manchester", 12.0, 12.0, 15.0)]
    [InlineData("k10-thuban", null, null, 15.0)]
    public void Tolerance_IsNoWiderThanPromised(string name, double? resident, double? missing, double? dram)
    {
        Tolerance tolerance = CpuModels.Find(name)!.Tolerance!;

        Assert.False(tolerance.CacheResident > resident);
        Assert.False(tolerance.TlbMissing > missing);
        Assert.False(tolerance.Dram > dram);
    }
}
