using System.Reflection;
using System.Text.RegularExpressions;

namespace X86Pae.Reference.Tests;

public sealed partial class RuleTests
{
    [Fact]
    public void Rules_NumbersTitlesAndSections_AreThoseOfTheDocument()
    {
        string document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "rules.md"));
        Dictionary<string, Rule> listed = Heading().Matches(document).ToDictionary(
            match => match.Groups[1].Value,
            match => new Rule(
                int.Parse(match.Groups[1].Value, provider: null),
                match.Groups[2].Value,
                match.Groups[3].Value.ReplaceLineEndings(" ").TrimEnd('.')));
        Rule[] known =
        [
            .. typeof(Rule).GetFields(BindingFlags.Static | BindingFlags.NonPublic)
                .Select(field => field.GetValue(null)).OfType<Rule>(),
        ];

        Assert.True(known.Length > 30, $"{known.Length} rules");
        Assert.All(known, rule => Assert.Equal(listed[rule.Name[1..]], rule));
    }

    [GeneratedRegex(@"^### C(\d\d): ([^\n]+)\n(?:(?!^### C).)*?^Manual: ([^\n]+(?:\n[^\n]+)*)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Heading();
}
