using System.Text.RegularExpressions;

namespace X86Pae.Tests.Embedding;

/// <summary>The code in docs/embedding.md is the code of this folder, which the other tests run.</summary>
public sealed partial class EmbeddingDocumentTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "embedding.md"));

    public static TheoryData<string> Adapters => [.. Blocks().Matches(Text).Select(block => block.Groups["path"].Value)];

    [Theory]
    [MemberData(nameof(Adapters))]
    public void Block_OfAnAdapter_IsItsFileWithoutTheNamespace(string path)
    {
        string source = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Embedding", Path.GetFileName(path)));
        string block = Blocks().Matches(Text).Single(candidate => candidate.Groups["path"].Value == path).Groups["code"].Value;

        Assert.StartsWith("tests/Mmu.Tests/Embedding/", path, StringComparison.Ordinal);
        Assert.Equal(Namespace().Replace(source, string.Empty), block);
    }

    [Fact]
    public void Blocks_OfCode_AllNameTheirFile()
    {
        Assert.NotEqual(0, Blocks().Count(Text));
        Assert.Equal(Text.Split("```csharp").Length - 1, Blocks().Count(Text));
    }

    [GeneratedRegex(@"<!-- (?<path>\S+) -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"namespace [\w.]+;\n\n")]
    private static partial Regex Namespace();
}
