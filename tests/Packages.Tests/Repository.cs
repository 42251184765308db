using System.Reflection;

namespace X86Pae.Packages.Tests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    private const string Solution = "Emulator.sln";

    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>Debug or Release: what these tests, and so the libraries, were built as.</summary>
    public static string Configuration { get; } =
        typeof(Repository).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    /// <summary>The folder of this project's sources.</summary>
    public static string Tests => Path.Combine(Root, "tests", "Packages.Tests");

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds {Solution}.");
    }
}
