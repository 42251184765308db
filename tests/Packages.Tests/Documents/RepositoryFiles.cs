namespace X86Pae.Packages.Tests.Documents;

/// <summary>The files of the repository, without what builds and tools leave behind.</summary>
internal static class RepositoryFiles
{
    private static readonly HashSet<string> Generated =
        ["bin", "obj", "artifacts", "StrykerOutput", "BenchmarkDotNet.Artifacts", "TestResults", "_site", "_api"];

    /// <summary>All files, as paths from the root with forward slashes.</summary>
    public static IReadOnlySet<string> All { get; } = Walk(new DirectoryInfo(Repository.Root)).ToHashSet(StringComparer.Ordinal);

    /// <summary>The documents written for people: every Markdown file.</summary>
    public static IReadOnlyList<string> Documents { get; } = [.. WithExtension(".md").Order(StringComparer.Ordinal)];

    public static IEnumerable<string> WithExtension(string extension, string folder = "") =>
        All.Where(path => path.EndsWith(extension, StringComparison.Ordinal) && path.StartsWith(folder, StringComparison.Ordinal));

    /// <summary>The text of a file, given its path from the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    private static IEnumerable<string> Walk(DirectoryInfo folder)
    {
        foreach (FileInfo file in folder.EnumerateFiles())
        {
            yield return Path.GetRelativePath(Repository.Root, file.FullName).Replace('\\', '/');
        }

        foreach (DirectoryInfo child in folder.EnumerateDirectories())
        {
            if (Generated.Contains(child.Name) || child.Name is ".git" or ".vs" or ".vscode")
            {
                continue;
            }

            foreach (string path in Walk(child))
            {
                yield return path;
            }
        }
    }
}
