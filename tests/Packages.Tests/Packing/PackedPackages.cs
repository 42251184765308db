using System.IO.Compression;
using System.Xml.Linq;

namespace X86Pae.Packages.Tests.Packing;

/// <summary>What <c>dotnet pack</c> makes of the solution as it has been built, in a folder that goes away afterwards.</summary>
[CollectionDefinition(Collection)]
public sealed class PackedPackages : IDisposable, ICollectionFixture<PackedPackages>
{
    /// <summary>The tests that share the packages.</summary>
    public const string Collection = "Packed packages";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("x86pae-packages-");

    /// <summary>Packs without building: the tests' own build is running or has just run.</summary>
    public PackedPackages()
    {
        new DotnetCommand(Repository.Root, packageCache: null).Run(
            "pack", "Emulator.sln", "--no-build", "-c", Repository.Configuration, "-o", Feed,
            $"-p:NuspecOutputPath={In("nuspec")}/", $"-p:PublishDir={In("publish")}/");
        Version = Path.GetFileNameWithoutExtension(Directory.GetFiles(Feed, "X86Pae.Mmu.*.nupkg").Single())["X86Pae.Mmu.".Length..];
        File.WriteAllText(
            In("nuget.config"),
            """
            <configuration>
              <packageSources>
                <clear />
                <add key="packed" value="feed" />
              </packageSources>
              <fallbackPackageFolders>
                <clear />
              </fallbackPackageFolders>
            </configuration>
            """);
    }

    /// <summary>The folder with the packages, the only source that <c>nuget.config</c> above it knows.</summary>
    public string Feed => In("feed");

    /// <summary>Version of the packages.</summary>
    public string Version { get; }

    /// <summary>Commands that restore from <see cref="Feed"/> alone, into a cache of their own.</summary>
    internal DotnetCommand Command => new(_folder.FullName, In("cache"));

    /// <summary>A path in the folder that goes away.</summary>
    /// <param name="name">Path from there.</param>
    public string In(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Opens a package, or its symbols.</summary>
    /// <param name="id">The package.</param>
    /// <param name="extension"><c>nupkg</c> or <c>snupkg</c>.</param>
    public ZipArchive Open(string id, string extension = "nupkg") => ZipFile.OpenRead(Path.Combine(Feed, $"{id}.{Version}.{extension}"));

    /// <summary>What a package says about itself: the elements of its metadata.</summary>
    /// <param name="id">The package.</param>
    public ILookup<string, XElement> Metadata(string id)
    {
        using ZipArchive package = Open(id);
        using Stream nuspec = package.GetEntry(id + ".nuspec")!.Open();
        return XDocument.Load(nuspec).Descendants().ToLookup(element => element.Name.LocalName);
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
