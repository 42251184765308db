using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Environments;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using Perfolizer.Horology;
using X86Pae.Bench.Simulation;

namespace X86Pae.Bench;

/// <summary>How benchmarks are run, and what is reported of them.</summary>
internal sealed class BenchConfig : ManualConfig
{
    private BenchConfig(Job job)
    {
        AddJob(job
            .WithRuntime(CoreRuntime.Core10_0)
            .WithUnrollFactor(1) // each invocation is thousands of operations
            .WithIterationTime(TimeInterval.FromMilliseconds(100)));
        AddLogger(ConsoleLogger.Default);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn(StatisticColumn.Min, StatisticColumn.Median);
        AddColumn(SimulatedColumn.All);
        HideColumns(
            Column.Runtime, Column.Toolchain, Column.Job, Column.UnrollFactor, Column.IterationTime, Column.IterationCount,
            Column.LaunchCount, Column.WarmupCount, Column.Error, Column.StdDev, Column.AllocRatio);
        AddDiagnoser(MemoryDiagnoser.Default);
        AddExporter(JsonExporter.Full);
        AddExporter(BenchmarkDotNet.Exporters.MarkdownExporter.GitHub);
        AddAnalyser([.. DefaultConfig.Instance.GetAnalysers()]);
        AddValidator([.. DefaultConfig.Instance.GetValidators()]);
        WithOptions(ConfigOptions.DisableLogFile);
        WithBuildTimeout(TimeSpan.FromMinutes(10)); // a machine may be busy
    }

    /// <summary>For published tables: three processes for each benchmark, which the JIT may compile differently.</summary>
    public static BenchConfig Full => new(Job.Default.WithLaunchCount(3).WithWarmupCount(5).WithIterationCount(15));

    /// <summary>All benchmarks within three minutes on two processors, builds included; ratios to some 10 %.</summary>
    /// <remarks>One build serves all of them, so processes of their own cost about a second for each benchmark.</remarks>
    public static BenchConfig Short => new(Job.Default.WithLaunchCount(1).WithWarmupCount(4).WithIterationCount(10));
}
