using System.Text.RegularExpressions;

namespace X86Pae.Packages.Tests.Documents;

/// <summary>A Markdown file: its links, its code spans and the places that a link can name.</summary>
internal sealed partial class MarkdownDocument
{
    private readonly string _prose;

    /// <param name="path">Path from the root of the repository.</param>
    public MarkdownDocument(string path)
    {
        Path = path;
        Text = RepositoryFiles.Read(path);
        _prose = FencedBlocks().Replace(Text, string.Empty);
        Anchors = FindAnchors();
    }

    public string Path { get; }

    public string Text { get; }

    /// <summary>What a link's fragment may name: headings as GitHub turns them into anchors, and explicit ones.</summary>
    public IReadOnlySet<string> Anchors { get; }

    /// <summary>Targets of links and images, without those to other hosts.</summary>
    public IEnumerable<string> LocalLinks =>
        Links().Matches(InlineCode().Replace(_prose, "code")).Concat(Sources().Matches(_prose))
            .Select(link => link.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal));

    /// <summary>What stands between backticks, fenced blocks left out.</summary>
    public IEnumerable<string> CodeSpans => InlineCode().Matches(_prose).Select(span => span.Groups["code"].Value);

    private HashSet<string> FindAnchors()
    {
        HashSet<string> anchors = [.. Ids().Matches(Text).Select(id => id.Groups["id"].Value)];
        Dictionary<string, int> seen = [];
        foreach (Match heading in Headings().Matches(_prose))
        {
            string title = LinkText().Replace(heading.Groups["title"].Value, "$1");
            string slug = NotInSlug().Replace(title.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-');
            int count = seen[slug] = seen.GetValueOrDefault(slug) + 1;
            anchors.Add(count == 1 ? slug : $"{slug}-{count - 1}");
        }

        return anchors;
    }

    [GeneratedRegex(@"^```.*?^```\s*$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex FencedBlocks();

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"(?:src|srcset)=""(?<target>[^""]+)""")]
    private static partial Regex Sources();

    [GeneratedRegex(@"`(?<code>[^`\n]+)`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\bid=""(?<id>[^""]+)""")]
    private static partial Regex Ids();

    [GeneratedRegex(@"(?m)^#{1,6} (?<title>.+)$")]
    private static partial Regex Headings();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInSlug();
}
