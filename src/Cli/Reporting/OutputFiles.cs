using X86Pae.Cli.Input;

namespace X86Pae.Cli.Reporting;

/// <summary>All files that a command writes.</summary>
internal static class OutputFiles
{
    /// <summary>Writes all of them, or leaves each as it was.</summary>
    /// <param name="outputs">The path that the user gave, null for a file that was not asked for, and what makes its text.</param>
    /// <exception cref="UserErrorException">One cannot be written.</exception>
    /// <remarks>What is written to a pipe or a device cannot be taken back, so it comes after everything that can.</remarks>
    public static void Write(params IEnumerable<(string? Path, Func<string> Text)> outputs)
    {
        OutputFile[] files =
        [
            .. outputs.Where(output => output.Path is not null).Select(output => new OutputFile(output.Path!, output.Text())),
        ];
        try
        {
            foreach (OutputFile file in files.OrderBy(file => file.MayBePipe))
            {
                file.Stage();
            }

            foreach (OutputFile file in files)
            {
                file.Commit();
            }
        }
        finally
        {
            foreach (OutputFile file in files)
            {
                file.Discard();
            }
        }
    }
}
