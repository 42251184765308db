using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains;
using BenchmarkDotNet.Toolchains.CsProj;
using BenchmarkDotNet.Toolchains.DotNetCli;

namespace X86Pae.Bench;

/// <summary>Builds and runs benchmarks for net10.0 in processes of their own.</summary>
/// <remarks>
/// BenchmarkDotNet 0.14 does not know net10.0, so its ready-made toolchains refuse it. From 0.15 on
/// <c>CoreRuntime.Core10_0</c> replaces this class.
/// </remarks>
internal sealed class Net10Toolchain : Toolchain
{
    private const string Moniker = "net10.0";

    private Net10Toolchain()
        : base(Moniker, new ProjectGenerator(), new DotNetCliBuilder(Moniker), new DotNetCliExecutor(null!))
    {
    }

    public static Net10Toolchain Instance { get; } = new();

    /// <summary>Finds the project above the assembly, whatever the working directory is.</summary>
    private sealed class ProjectGenerator() : CsProjGenerator(Moniker, null!, null!, null!)
    {
        private const string ProjectName = "Bench.csproj";

        protected override FileInfo GetProjectFilePath(Type benchmarkTarget, ILogger logger)
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                var project = new FileInfo(Path.Combine(folder.FullName, ProjectName));
                if (project.Exists)
                {
                    return project;
                }
            }

            throw new FileNotFoundException($"{ProjectName} is not above {AppContext.BaseDirectory}.");
        }
    }
}
