using System.Diagnostics;

namespace X86Pae.Packages.Tests.Packing;

/// <summary>Runs programs to their end, the <c>dotnet</c> that runs these tests above all.</summary>
/// <param name="folder">Where they run.</param>
/// <param name="packageCache">Where NuGet unpacks what it restores; null for the user's own cache.</param>
internal sealed class DotnetCommand(string folder, string? packageCache)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly string Host =
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    /// <summary>Runs <c>dotnet</c>.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>What it wrote to standard output.</returns>
    public string Run(params string[] arguments) => Start(Host, arguments);

    /// <summary>Runs a program that needs the .NET runtime.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>What it wrote to standard output, with \n for every end of a line.</returns>
    public string Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Nothing of the build that runs these tests may reach another one, and no server may outlive this one.
        foreach (string name in start.Environment.Keys.Where(IsOfTheBuild).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        if (Path.GetDirectoryName(Host) is { Length: > 0 } root)
        {
            start.Environment["DOTNET_ROOT"] = root;
        }

        if (packageCache is not null)
        {
            start.Environment["NUGET_PACKAGES"] = packageCache;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} does not end.");
        }

        Assert.True(
            process.ExitCode == 0,
            $"{program} {string.Join(' ', arguments)}: exit status {process.ExitCode}\n{output.Result}{error.Result}");
        return output.Result.ReplaceLineEndings("\n");
    }

    private static bool IsOfTheBuild(string variable) => variable.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase);
}
