using System.Reflection;
using System.Xml.Linq;
using X86Pae.Packages.Tests.Documents;

namespace X86Pae.Packages.Tests.Layers;

public sealed class LayerTests
{
    public static TheoryData<string> Assemblies => [.. AssemblyRules.All.Select(rules => rules.Assembly)];

    public static TheoryData<string> AcyclicAssemblies =>
        [.. AssemblyRules.All.Select(rules => rules.Assembly).Except(AssemblyRules.WithCycles)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Assembly_UsesOnlyAssembliesBelow(string name)
    {
        IEnumerable<string> used = Assembly.Load(name).GetReferencedAssemblies().Select(reference => reference.Name!)
            .Where(reference => reference.StartsWith("X86Pae.", StringComparison.Ordinal));

        Assert.Empty(used.Except(AssemblyRules.All.Single(rules => rules.Assembly == name).Below));
    }

    [Theory]
    [MemberData(nameof(AcyclicAssemblies))]
    public void Namespaces_UseOneAnotherInNoCycle(string name)
    {
        List<TypeReference> references = [.. BetweenNamespaces(name)];

        // A namespace that uses none of the others is in no cycle; without it, others may use none.
        while (references.RemoveAll(reference => references.TrueForAll(other => other.From.Namespace != reference.To.Namespace)) > 0)
        {
        }

        AssertNone(references);
    }

    [Fact]
    public void NamespacesOfMmu_UseOnlyThoseBelow()
    {
        string[] layers = [.. AssemblyRules.LayersOfMmu];
        int Layer(Type type) => Array.IndexOf(layers, type.Namespace);

        TypeReference[] references = [.. BetweenNamespaces("X86Pae.Mmu")];

        Assert.Equal(layers.Order(), references.SelectMany(reference => new[] { reference.From.Namespace, reference.To.Namespace })
            .Distinct().Order());
        AssertNone(references.Where(reference => Layer(reference.From) < Layer(reference.To)));
    }

    [Fact]
    public void Folder_IsTheNamespaceOfItsFiles()
    {
        string[] misplaced = [.. RepositoryFiles.WithExtension(".csproj").SelectMany(Misplaced)];

        Assert.True(misplaced.Length == 0, string.Join('\n', misplaced));
    }

    [Fact]
    public void Rules_CoverEveryProjectOfSrcAndSamples()
    {
        IEnumerable<string> projects = RepositoryFiles.WithExtension(".csproj", "src/")
            .Concat(RepositoryFiles.WithExtension(".csproj", "samples/"))
            .Select(path => Property(path, "AssemblyName") ?? path);

        Assert.Equal(AssemblyRules.All.Select(rules => rules.Assembly).Order(), projects.Order());
    }

    /// <summary>References from one namespace of an assembly to another; the compiler's own types are in none.</summary>
    private static IEnumerable<TypeReference> BetweenNamespaces(string assembly) =>
        TypeReferences.Within(Assembly.Load(assembly)).Where(reference =>
            reference.From.Namespace != reference.To.Namespace && IsOurs(reference.From) && IsOurs(reference.To));

    private static bool IsOurs(Type type) => type.Namespace is { } name && (name + ".").StartsWith("X86Pae.", StringComparison.Ordinal);

    private static void AssertNone(IEnumerable<TypeReference> references)
    {
        string[] lines = [.. references.Select(reference => $"{reference.From} uses {reference.To}").Order()];
        Assert.True(lines.Length == 0, string.Join('\n', lines));
    }

    /// <summary>The files of a project whose namespace is not the root of the project followed by their folders.</summary>
    private static IEnumerable<string> Misplaced(string project)
    {
        string folder = FolderOf(project);
        string root = Property(project, "RootNamespace") ?? string.Empty;
        string[] inner = [.. RepositoryFiles.WithExtension(".csproj", folder).Select(FolderOf).Where(other => other != folder)];
        foreach (string path in RepositoryFiles.WithExtension(".cs", folder))
        {
            string expected = string.Join('.', [root, .. path[folder.Length..].Split('/')[..^1]]);
            string? actual = RepositoryFiles.Read(path).Split('\n')
                .FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))?["namespace ".Length..].TrimEnd(';');
            if (actual is not null && actual != expected
                && !Array.Exists(inner, other => path.StartsWith(other, StringComparison.Ordinal)))
            {
                yield return $"{path} is in {actual}, not in {expected}";
            }
        }
    }

    private static string FolderOf(string path) => path[..(path.LastIndexOf('/') + 1)];

    private static string? Property(string project, string name) =>
        XDocument.Parse(RepositoryFiles.Read(project)).Descendants(name).FirstOrDefault()?.Value;
}
