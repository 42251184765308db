using System.Reflection;
using System.Text.RegularExpressions;

namespace X86Pae.Packages.Tests.Documents;

/// <summary>Every path, type and member that the map of the code and the glossary cite exists.</summary>
public sealed partial class NameTests
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    private static readonly Assembly[] Assemblies =
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "X86Pae.*.dll")
            .Where(file => !file.EndsWith(".Tests.dll", StringComparison.Ordinal))
            .Select(Assembly.LoadFrom),
    ];

    private static readonly ILookup<string, Type> Types =
        Assemblies.SelectMany(assembly => assembly.GetTypes()).ToLookup(type => Arity().Replace(type.Name, string.Empty));

    public static TheoryData<string> Documents => ["docs/ARCHITECTURE.md", "docs/glossary.md"];

    [Theory]
    [MemberData(nameof(Documents))]
    public void CodeSpan_OfADocument_NamesSomethingThatExists(string path)
    {
        string[] spans = [.. new MarkdownDocument(path).CodeSpans];

        Assert.NotEmpty(spans);
        Assert.DoesNotContain(spans, span => !Exists(span));
    }

    [Fact]
    public void Picture_OfTheArchitecture_NamesThingsThatExist()
    {
        string picture = RepositoryFiles.Read("docs/images/architecture.svg");
        string[] names = [.. Labels().Matches(picture).Select(label => label.Groups["name"].Value)];

        Assert.NotEmpty(names);
        Assert.DoesNotContain(names, name => !Exists(name));
    }

    // A command stands for itself. All else is a path, a package, a type, or a member of a type, with or without type parameters.
    private static bool Exists(string span) =>
        span.StartsWith("paelab", StringComparison.Ordinal) || span is "compare"
            || (span.Contains('/', StringComparison.Ordinal) ? IsPath(span) : IsPackage(span) || IsNamed(TypeParameters().Replace(span, string.Empty)));

    private static bool IsPath(string span) => Path.Exists(Path.Combine(Repository.Root, span));

    private static bool IsPackage(string span) => Assemblies.Any(assembly => assembly.GetName().Name == span);

    private static bool IsNamed(string span)
    {
        string[] parts = span.Split('.');
        return parts.Length switch
        {
            1 => Types.Contains(parts[0]) || IsTestClass(parts[0]),
            2 => Types[parts[0]].Any(type => type.GetMember(parts[1], Everything).Length > 0),
            _ => false,
        };
    }

    private static bool IsTestClass(string name) =>
        name.EndsWith("Tests", StringComparison.Ordinal)
            && RepositoryFiles.WithExtension(".cs", "tests/").Any(path => Path.GetFileNameWithoutExtension(path) == name);

    [GeneratedRegex(@"`\d+$")]
    private static partial Regex Arity();

    [GeneratedRegex("<.*>")]
    private static partial Regex TypeParameters();

    // Bold labels of the picture name types, members and packages; monospaced ones name folders.
    [GeneratedRegex(@"class=""[nm]""[^>]*>(?<name>[\w./]+)</text>")]
    private static partial Regex Labels();
}
