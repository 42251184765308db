namespace X86Pae.Cli.Input;

/// <summary>Where a path leads once the symbolic links on the way are followed.</summary>
internal static class LinkTarget
{
    private const int MaxLinks = 40; // on the way of one path, as Linux has it

    /// <summary>How two results of <see cref="Of"/> are compared.</summary>
    public static StringComparison Comparison { get; } =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Follows the links of a path, its directories included.</summary>
    /// <param name="path">A path that is not empty; what it leads to need not exist.</param>
    /// <returns>An absolute path without links, or with the one that cannot be followed: a loop, or not permitted.</returns>
    public static string Of(string path)
    {
        int links = MaxLinks;
        return Follow(Path.GetFullPath(path), ref links);
    }

    private static string Follow(string path, ref int links)
    {
        if (Path.GetDirectoryName(path) is not { } directory)
        {
            return path;
        }

        string here = Path.Combine(Follow(directory, ref links), Path.GetFileName(path));
        try
        {
            if (links == 0 || File.ResolveLinkTarget(here, returnFinalTarget: false) is not { } target)
            {
                return here;
            }

            links--;
            return Follow(target.FullName, ref links);
        }
        catch (Exception e) when (InputFile.IsReadError(e))
        {
            return here;
        }
    }
}
