using X86Pae.Cli.Input;

namespace X86Pae.Cli.Reporting;

/// <summary>Files that a command writes because the user asked for them.</summary>
internal static class OutputFile
{
    /// <summary>Writes a text; a file that cannot be written whole is not left behind in part.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="text">What it is to hold.</param>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string path, string text)
    {
        string partial = path + ".partial";
        try
        {
            File.WriteAllText(partial, text);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(partial))
            {
                File.Delete(partial);
            }

            throw new UserErrorException($"{path}: cannot be written: {e.Message}", e);
        }
    }
}
