using System.Globalization;
using System.Text.RegularExpressions;

namespace X86Pae.Packages.Tests.Documents;

/// <summary>docs/rules.md and what cites it: every number cited has a rule, every rule a test, every test named exists.</summary>
public sealed partial class RuleTests
{
    private const string Rules = "docs/rules.md";

    private static readonly Lazy<int[]> Numbers = new(
        () => [.. Headings().Matches(RepositoryFiles.Read(Rules)).Select(heading => Number(heading.Groups["number"].Value))]);

    [Fact]
    public void Rules_Anchors_AreTheirNumbersInOrder()
    {
        IReadOnlySet<string> anchors = new MarkdownDocument(Rules).Anchors;

        Assert.NotEmpty(Numbers.Value);
        Assert.Equal(Numbers.Value.Order().Distinct(), Numbers.Value);
        Assert.All(Numbers.Value, number => Assert.Contains($"c{number:D2}", anchors));
    }

    [Fact]
    public void Citation_InAnyFile_NamesARule()
    {
        string[] unknown =
        [
            .. RepositoryFiles.WithExtension(".cs").Concat(RepositoryFiles.Documents)
                .SelectMany(path => CitedIn(path).Where(number => !Numbers.Value.Contains(number)).Select(number => $"{path}: C{number:D2}")),
        ];

        Assert.Empty(unknown);
    }

    [Fact]
    public void Rule_Each_IsCitedByATest()
    {
        HashSet<int> cited = [.. RepositoryFiles.WithExtension("Tests.cs", "tests/").SelectMany(CitedIn)];

        Assert.Empty(Numbers.Value.Except(cited));
    }

    [Theory]
    [InlineData(Rules)]
    [InlineData("docs/conformance.md")]
    public void Test_NamedInADocument_Exists(string document)
    {
        ILookup<string, string> sources = RepositoryFiles.WithExtension("Tests.cs", "tests/").ToLookup(path => Path.GetFileNameWithoutExtension(path));
        string[] missing =
        [
            .. TestNames().Matches(RepositoryFiles.Read(document))
                .Where(test => !sources[test.Groups["class"].Value].Any(path =>
                    RepositoryFiles.Read(path).Contains($" {test.Groups["method"].Value}(", StringComparison.Ordinal)))
                .Select(test => test.Value),
        ];

        Assert.Empty(missing);
    }

    // "C40 to C45" cites the numbers between as well, as far as there are such rules.
    private static IEnumerable<int> CitedIn(string path)
    {
        string text = RepositoryFiles.Read(path);
        foreach (Match citation in Citations().Matches(text))
        {
            int first = Number(citation.Groups["first"].Value);
            int last = citation.Groups["last"].Success ? Number(citation.Groups["last"].Value) : first;
            yield return first;
            yield return last;
            foreach (int between in Numbers.Value.Where(number => number > first && number < last))
            {
                yield return between;
            }
        }
    }

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?m)^### C(?<number>\d\d): ")]
    private static partial Regex Headings();

    [GeneratedRegex(@"(?<![\w""#])C(?<first>\d\d)(?: to C(?<last>\d\d))?\b(?![\w""])")]
    private static partial Regex Citations();

    [GeneratedRegex(@"`(?<class>\w+Tests)\.(?<method>\w+)`")]
    private static partial Regex TestNames();
}
