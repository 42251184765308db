using System.Text.RegularExpressions;

namespace X86Pae.Packages.Tests.Packing;

/// <summary>The program of docs/writing-a-strategy.md, built as a stranger would: from the packed files, and from packages of others.</summary>
public sealed partial class GuideProgram : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("x86pae-strategy-");
    private readonly DotnetCommand _command;

    /// <summary>Writes the files that the guide shows, and builds them.</summary>
    public GuideProgram(PackedPackages packages)
    {
        string guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "writing-a-strategy.md")).ReplaceLineEndings("\n");
        foreach (Match block in CodeBlock().Matches(guide))
        {
            string code = block.Groups["code"].Value;
            string name = block.Groups["language"].Value == "xml" ? "OwnStrategy.csproj" : code[3..code.IndexOf('\n')];
            File.WriteAllText(In(name), code);
        }

        string versions = File.ReadAllText(Path.Combine(Repository.Root, "Directory.Packages.props"));
        string ours = $"""<ItemGroup><PackageVersion Include="X86Pae.Lab" Version="{packages.Version}" /></ItemGroup></Project>""";
        File.WriteAllText(In("Directory.Packages.props"), versions.Replace("</Project>", ours, StringComparison.Ordinal));

        // Whatever the machine restores from serves the packages of others; those it has unpacked already need no feed.
        File.WriteAllText(
            In("nuget.config"),
            $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{packages.Feed}" />
              </packageSources>
              <fallbackPackageFolders>
                <add key="unpacked" value="{UnpackedPackages}" />
              </fallbackPackageFolders>
            </configuration>
            """);
        _command = new DotnetCommand(_folder.FullName, In("cache"));
        _command.Run("build", "-c", "Release", "-p:UseSharedCompilation=false");
    }

    private static string UnpackedPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>A path in the program's folder, which goes away.</summary>
    public string In(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Runs the program.</summary>
    /// <returns>What it wrote to standard output.</returns>
    public string Run(params string[] arguments) =>
        _command.Run([Path.Combine("bin", "Release", "net10.0", "OwnStrategy.dll"), .. arguments]);

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    [GeneratedRegex(@"^```(?<language>xml|csharp)\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();
}
