using System.Reflection;
using System.Text.RegularExpressions;

namespace X86Pae.Tests;

/// <summary>The table of docs/conformance.md names tests that exist, for every item.</summary>
public sealed partial class ConformanceDocumentTests
{
    private static readonly int[] Items =
    [
        .. Enumerable.Range(1, 14), .. Enumerable.Range(20, 3), .. Enumerable.Range(30, 5), .. Enumerable.Range(40, 6),
        .. Enumerable.Range(50, 9), .. Enumerable.Range(60, 6), .. Enumerable.Range(70, 4), 80,
    ];

    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "conformance.md"));

    [Fact]
    public void Table_EveryItem_HasARow() =>
        Assert.Equal(Items, Rows().Matches(Text).Select(row => int.Parse(row.Groups[1].ValueSpan, provider: null)));

    [Fact]
    public void Table_EveryTestNamed_Exists()
    {
        HashSet<string> tests =
        [
            .. Assembly.GetExecutingAssembly().GetTypes().SelectMany(type => type.GetMethods())
                .Where(method => method.GetCustomAttributes<FactAttribute>().Any())
                .Select(method => $"{method.DeclaringType!.Name}.{method.Name}"),
        ];

        Assert.All(Tests().Matches(Text).Select(test => test.Groups[1].Value), name => Assert.Contains(name, tests));
    }

    [GeneratedRegex(@"(?m)^\| C(\d\d) \| .+ \| `")]
    private static partial Regex Rows();

    [GeneratedRegex(@"`(\w+Tests\.\w+)`")]
    private static partial Regex Tests();
}
