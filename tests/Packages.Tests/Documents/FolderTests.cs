using System.Text.RegularExpressions;

namespace X86Pae.Packages.Tests.Documents;

/// <summary>The folders of each package use each other in the order in which docs/ARCHITECTURE.md lists them.</summary>
public sealed partial class FolderTests
{
    [Fact]
    public void Folders_OfEachPackage_UseOnlyThoseListedBefore()
    {
        string[] rows = [.. Rows().Matches(RepositoryFiles.Read("docs/ARCHITECTURE.md")).Select(row => row.Value)];
        string[] backwards = [.. rows.SelectMany(row => Backwards([.. Folders().Matches(row).Select(folder => folder.Value)]))];

        Assert.True(rows.Length >= 5, "rows of packages");
        Assert.Empty(backwards);
    }

    private static IEnumerable<string> Backwards(string[] folders)
    {
        Dictionary<string, int> places = folders.Index().ToDictionary(folder => NamespaceOf(folder.Item), folder => folder.Index);
        for (int i = 0; i < folders.Length; i++)
        {
            foreach (string path in RepositoryFiles.WithExtension(".cs", folders[i] + "/"))
            {
                foreach (Match used in Usings().Matches(RepositoryFiles.Read(path)))
                {
                    if (places.TryGetValue(used.Groups["namespace"].Value, out int place) && place > i)
                    {
                        yield return $"{path} uses {used.Groups["namespace"].Value}";
                    }
                }
            }
        }
    }

    private static string NamespaceOf(string folder) =>
        RepositoryFiles.WithExtension(".cs", folder + "/")
            .Where(path => path.LastIndexOf('/') == folder.Length)
            .Select(path => Namespace().Match(RepositoryFiles.Read(path)).Groups["name"].Value)
            .First(name => name.Length > 0);

    [GeneratedRegex(@"(?m)^\| `src/\w+` \|.*$")]
    private static partial Regex Rows();

    [GeneratedRegex(@"src/\w+/\w+")]
    private static partial Regex Folders();

    [GeneratedRegex(@"(?m)^using (?:static )?(?<namespace>[\w.]+);")]
    private static partial Regex Usings();

    [GeneratedRegex(@"(?m)^namespace (?<name>[\w.]+);")]
    private static partial Regex Namespace();
}
