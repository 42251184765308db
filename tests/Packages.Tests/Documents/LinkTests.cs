using System.Text.RegularExpressions;

namespace X86Pae.Packages.Tests.Documents;

/// <summary>Links between the documents lead somewhere, and no file cites a document that is not in the repository.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] CitingExtensions = [".cs", ".md", ".csproj", ".props", ".json", ".yml"];

    public static TheoryData<string> Documents => [.. RepositoryFiles.Documents];

    [Theory]
    [MemberData(nameof(Documents))]
    public void LocalLink_OfADocument_LeadsToAFileAndAPlaceInIt(string path) =>
        Assert.All(new MarkdownDocument(path).LocalLinks, link => AssertLeadsSomewhere(path, link));

    [Fact]
    public void Document_CitedInAnyFile_IsInTheRepository()
    {
        string[] cited =
        [
            .. CitingExtensions.SelectMany(extension => RepositoryFiles.WithExtension(extension))
                .SelectMany(path => Cited().Matches(RepositoryFiles.Read(path)).Select(name => (Path: path, Name: name.Groups["name"].Value)))
                .Where(citation => !Exists(citation.Path, citation.Name))
                .Select(citation => $"{citation.Path} cites {citation.Name}")
                .Distinct(),
        ];

        Assert.Empty(cited);
    }

    private static void AssertLeadsSomewhere(string path, string link)
    {
        string[] parts = link.Split('#', 2);
        string target = parts[0].Length == 0 ? path : Resolve(path, parts[0]);
        Assert.True(
            RepositoryFiles.All.Contains(target) || Directory.Exists(Path.Combine(Repository.Root, target)),
            $"{path}: {link} leads to {target}, which does not exist.");
        if (parts.Length == 2)
        {
            Assert.True(new MarkdownDocument(target).Anchors.Contains(parts[1]), $"{path}: {link} names a place that {target} lacks.");
        }
    }

    // A citation is a path from the root or from the citing file, or the bare name of a document.
    private static bool Exists(string path, string name) =>
        RepositoryFiles.All.Contains(name) || RepositoryFiles.All.Contains(Resolve(path, name))
            || (!name.Contains('/', StringComparison.Ordinal) && RepositoryFiles.Documents.Any(document => Path.GetFileName(document) == name));

    private static string Resolve(string path, string relative) =>
        Path.GetRelativePath(
            Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(path)!, relative))).Replace('\\', '/');

    [GeneratedRegex(@"(?<![\w:/.-])(?<name>(?:\.{1,2}/)*[A-Za-z0-9_][\w/-]*\.md)\b")]
    private static partial Regex Cited();
}
