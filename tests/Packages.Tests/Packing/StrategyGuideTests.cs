using System.IO.Compression;
using System.Text.RegularExpressions;

namespace X86Pae.Packages.Tests.Packing;

/// <summary>A strategy that is written outside of this repository runs in comparisons, sweeps and benchmarks.</summary>
[Collection(PackedPackages.Collection)]
public sealed partial class StrategyGuideTests(GuideProgram program, PackedPackages packages) : IClassFixture<GuideProgram>
{
    private const int RecordedLines = 2_000;

    private static readonly string[] Strategies =
        ["kmap", "kmap_atomic", "kmap_local", "vmap", "per-CPU window", "per-CPU window of 4"];

    [Fact]
    public void Guide_ItsComparison_HasTheBuiltInStrategiesAndItsOwn()
    {
        string[] lines = program.Run(WriteRecording()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        string[] results = lines[..Strategies.Length];
        Assert.Equal(Strategies.Order(StringComparer.Ordinal), results.Select(NameOf).Order(StringComparer.Ordinal));
        Assert.All(results, line => Assert.EndsWith(" cycles, 0 refused, 0 wrong reads", line, StringComparison.Ordinal));

        string[] orders = lines[Strategies.Length..^1];
        Assert.Equal(Strategies.Length - 1, orders.Length);
        Assert.All(orders, line => Assert.Matches(": (Holds|Equal|Flips)$", line));

        // A Core Duo's INVLPG is 150 cycles, and each mapping of a slot that was used before is one.
        Assert.EndsWith(", 150.0 of them for INVLPG", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Guide_ItsBenchmarks_Run()
    {
        string output = program.Run("benchmark", "--filter", "*", "--inProcess", "--job", "Dry");

        Assert.Matches(@"\| Window +\|", output);
        Assert.Matches(@"\| KmapLocal +\|", output);
        Assert.DoesNotContain("Benchmarks with issues", output, StringComparison.Ordinal);
    }

    // The kernel's own strategies go through the same door: their sources compile in a project that sees the package alone.
    [Fact]
    public void BuiltInStrategies_CompiledOutside_NeedNothingInternal()
    {
        string folder = packages.In("strategies");
        Directory.CreateDirectory(folder);
        string sources = Path.Combine(Repository.Root, "src", "Kmap", "Strategies");
        string[] files =
            [.. Directory.GetFiles(sources).Where(file => Path.GetFileName(file) is not ("IMappingStrategy.cs" or "MapOutcome.cs"))];
        foreach (string file in files)
        {
            string source = File.ReadAllText(file).Replace(
                "namespace X86Pae.Kmap.Strategies;", "using X86Pae.Kmap.Strategies;\nnamespace Outside;", StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder, Path.GetFileName(file)), source);
        }

        File.WriteAllText(
            Path.Combine(folder, "Strategies.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="X86Pae.Kmap" Version="{packages.Version}" />
              </ItemGroup>
            </Project>
            """);

        packages.Command.Run("build", folder, "-c", "Release", "-p:UseSharedCompilation=false");

        Assert.All(
            ["KmapAtomic.cs", "KmapLocal.cs", "PersistentKmap.cs", "Vmap.cs"],
            name => Assert.Contains(name, files.Select(Path.GetFileName)));
    }

    [GeneratedRegex(@"^(?<name>.*?) +[\d.]+ cycles,")]
    private static partial Regex Result();

    private static string NameOf(string line) => Result().Match(line).Groups["name"].Value;

    /// <summary>Writes the beginning of a recording, as text.</summary>
    /// <returns>Its path.</returns>
    private string WriteRecording()
    {
        string path = program.In("recording.txt");
        string recording = Path.Combine(Repository.Root, "tests", "data", "kmap", "forkio-4cpu.ftrace.gz");
        using var recorded = new StreamReader(new GZipStream(File.OpenRead(recording), CompressionMode.Decompress));
        using StreamWriter beginning = File.CreateText(path);
        for (int line = 0; line < RecordedLines; line++)
        {
            beginning.WriteLine(recorded.ReadLine());
        }

        return path;
    }
}
