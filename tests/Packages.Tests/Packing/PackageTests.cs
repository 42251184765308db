using System.IO.Compression;
using System.Reflection.Metadata;
using System.Xml.Linq;

namespace X86Pae.Packages.Tests.Packing;

/// <summary>The packed files, and what a stranger can do with nothing but them.</summary>
[Collection(PackedPackages.Collection)]
public sealed class PackageTests(PackedPackages packages)
{
    private const string Mmu = "X86Pae.Mmu";
    private const string Machine = "X86Pae.Machine";
    private const string Kmap = "X86Pae.Kmap";
    private const string Lab = "X86Pae.Lab";
    private const string Reference = "X86Pae.Reference";
    private const string Cli = "X86Pae.Cli";

    [Fact]
    public void Pack_Solution_MakesItsPackagesWithSymbols()
    {
        IEnumerable<string> expected =
            new[] { Cli, Kmap, Lab, Machine, Mmu, Reference }.SelectMany(id => new[] { $"{id}.{packages.Version}.nupkg", $"{id}.{packages.Version}.snupkg" });

        Assert.Equal(expected, Directory.GetFiles(packages.Feed).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Mmu)]
    [InlineData(Machine)]
    [InlineData(Kmap)]
    [InlineData(Lab)]
    [InlineData(Reference)]
    public void Library_Contents_AreTheAssemblyItsDocumentationAndTheFrontMatter(string id)
    {
        using ZipArchive package = packages.Open(id);
        using ZipArchive symbols = packages.Open(id, "snupkg");

        Assert.Equal(
            ["README.md", $"{id}.nuspec", "icon.png", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"],
            Files(package).Order(StringComparer.Ordinal));
        Assert.Contains($"lib/net10.0/{id}.pdb", Files(symbols));
    }

    [Theory]
    [InlineData(Mmu)]
    [InlineData(Machine)]
    [InlineData(Kmap)]
    [InlineData(Lab)]
    [InlineData(Reference)]
    [InlineData(Cli)]
    public void Package_Metadata_IsComplete(string id)
    {
        ILookup<string, XElement> metadata = packages.Metadata(id);
        using ZipArchive package = packages.Open(id);

        Assert.Equal(("MIT", "expression"), (One("license").Value, One("license").Attribute("type")?.Value));
        Assert.All([One("readme").Value, One("icon").Value], file => Assert.Contains(file, Files(package)));
        Assert.All(["description", "tags", "authors", "releaseNotes"], name => Assert.NotEmpty(One(name).Value));

        XElement One(string name) => Assert.Single(metadata[name]);
    }

    // A package has no docs folder beside it.
    [Theory]
    [InlineData(Mmu)]
    [InlineData(Machine)]
    [InlineData(Kmap)]
    [InlineData(Lab)]
    [InlineData(Reference)]
    [InlineData(Cli)]
    public void Package_Readme_IsItsOwnAndLinksToNoFile(string id)
    {
        using ZipArchive package = packages.Open(id);
        using var reader = new StreamReader(package.GetEntry("README.md")!.Open());
        string readme = reader.ReadToEnd();

        Assert.StartsWith(id == Cli ? "# paelab" : $"# {id}", readme, StringComparison.Ordinal);
        Assert.DoesNotContain("](", readme.Replace("](https://", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Mmu, null)]
    [InlineData(Machine, Mmu)]
    [InlineData(Kmap, Machine)]
    [InlineData(Lab, Kmap)]
    [InlineData(Reference, Mmu)]
    [InlineData(Cli, null)]
    public void Package_Dependencies_AreOursAlone(string id, string? expected) =>
        Assert.Equal(expected, packages.Metadata(id)["dependency"].SingleOrDefault()?.Attribute("id")?.Value);

    [Fact]
    public void Icon_IsAPngOf128By128()
    {
        using ZipArchive package = packages.Open(Mmu);
        using Stream icon = package.GetEntry("icon.png")!.Open();
        byte[] header = new byte[24];
        icon.ReadExactly(header);

        Assert.Equal([0x89, .. "PNG\r\n\x1A\n"u8], header[..8]);
        Assert.Equal([0, 0, 0, 128, 0, 0, 0, 128], header[16..24]);
    }

    // What is compiled must not depend on the folder it is compiled in; Debug builds keep paths that a debugger can open.
    [Theory]
    [InlineData(Mmu, "lib/net10.0/X86Pae.Mmu.pdb")]
    [InlineData(Machine, "lib/net10.0/X86Pae.Machine.pdb")]
    [InlineData(Kmap, "lib/net10.0/X86Pae.Kmap.pdb")]
    [InlineData(Lab, "lib/net10.0/X86Pae.Lab.pdb")]
    [InlineData(Reference, "lib/net10.0/X86Pae.Reference.pdb")]
    [InlineData(Cli, "tools/net10.0/any/X86Pae.Reference.pdb")]
    public void Symbols_OfARelease_NameNoFolderOfThisMachine(string id, string file)
    {
        using ZipArchive symbols = packages.Open(id, "snupkg");
        using var contents = new MemoryStream();
        using (Stream entry = symbols.GetEntry(file)!.Open())
        {
            entry.CopyTo(contents);
        }

        contents.Position = 0;
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(contents);
        MetadataReader reader = provider.GetMetadataReader();
        string root = Repository.Configuration == "Release" ? "/_" : Repository.Root;

        Assert.NotEmpty(reader.Documents);
        Assert.All(
            reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name)),
            name => Assert.StartsWith(root, name));
    }

    [Fact]
    public void Embedder_OfTheMmuAlone_RestoresBuildsAndRuns() => Assert.Equal("read 42\n", BuildAndRun("Embedder", FilesOf("Embedder")));

    [Fact]
    public void Readme_OfTheMmu_ShowsTheEmbedderInFifteenLines()
    {
        string program = File.ReadAllText(Path.Combine(Repository.Tests, "Embedder", "Program.cs"));
        using ZipArchive package = packages.Open(Mmu);
        using var reader = new StreamReader(package.GetEntry("README.md")!.Open());

        Assert.Contains($"```csharp\n{program}```", reader.ReadToEnd(), StringComparison.Ordinal);
        Assert.Equal(15, program.Split('\n').Count(line => line.Length != 0));
    }

    [Fact]
    public void Consumer_OfTheLibraries_RestoresBuildsAndRuns()
    {
        string output = BuildAndRun("Consumer", FilesOf("Consumer"));

        Assert.Equal(
            """
            walk: 5123h
            user: Present, User at 5123h
            kmap_local: maps 100000h at FFFBB000h, reads 2A

            """.ReplaceLineEndings("\n"),
            output);
    }

    // What samples/CheckYourMmu does with the sources of the repository, its author does with the package.
    [Fact]
    public void Checker_OfAPlainPager_NeedsTheReferencePackageAlone()
    {
        string output = BuildAndRun(
            "Checker",
            [
                Path.Combine(Repository.Tests, "Checker", "Checker.csproj"),
                .. Directory.GetFiles(Path.Combine(Repository.Root, "samples", "CheckYourMmu"), "*.cs"),
            ]);

        string[] totals = [.. output.Split('\n').Where(line => line.Contains(" passed, ", StringComparison.Ordinal))];
        Assert.Equal(4, totals.Length);
        Assert.All(totals, line => Assert.Contains(" passed, 0 failed, ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Tool_InstalledFromThePackage_RunsCommandsOfEveryLibrary()
    {
        string folder = packages.In("tool");
        packages.Command.Run(
            "tool", "install", Cli, "--version", packages.Version, "--tool-path", folder, "--configfile", packages.In("nuget.config"));
        string paelab = Path.Combine(folder, OperatingSystem.IsWindows() ? "paelab.exe" : "paelab");

        string models = packages.Command.Start(paelab, "cpus");
        string fuzz = packages.Command.Start(paelab, "fuzz", "--seed", "7", "--cases", "2000");

        Assert.Contains("core-duo", models, StringComparison.Ordinal);
        Assert.EndsWith("\n2000 passed, 0 failed\n", fuzz, StringComparison.Ordinal);
    }

    /// <summary>The files of a project that the tests copy.</summary>
    private static string[] FilesOf(string project) => Directory.GetFiles(Path.Combine(Repository.Tests, project));

    /// <summary>Builds a program from nothing but some files and the packages, and gives what it prints.</summary>
    private string BuildAndRun(string name, IEnumerable<string> files)
    {
        string project = packages.In(name);
        Directory.CreateDirectory(project);
        foreach (string file in files)
        {
            File.Copy(file, Path.Combine(project, Path.GetFileName(file)));
        }

        packages.Command.Run(
            "build", project, "-c", "Release", $"-p:X86PaeVersion={packages.Version}", "-p:UseSharedCompilation=false");
        return packages.Command.Run(Path.Combine(project, "bin", "Release", "net10.0", name + ".dll"));
    }

    /// <summary>The files that the package was packed with, without those that NuGet adds to every package.</summary>
    private static IEnumerable<string> Files(ZipArchive package) => package.Entries
        .Select(entry => entry.FullName)
        .Where(name => !(name.StartsWith("_rels/", StringComparison.Ordinal) || name.StartsWith("package/", StringComparison.Ordinal)
            || name == "[Content_Types].xml"));
}
