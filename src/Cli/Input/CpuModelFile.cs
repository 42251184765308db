using X86Pae.Timing;

namespace X86Pae.Cli.Input;

/// <summary>A CPU model in a file that the user named.</summary>
internal static class CpuModelFile
{
    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">The file cannot be read, or is not a model; the message names the member.</exception>
    public static CpuModel Read(string path)
    {
        using InputFile file = InputFile.Open(path);
        try
        {
            return CpuModels.Parse(file);
        }
        catch (InvalidDataException e)
        {
            throw new UserErrorException($"{path}: {e.Message}", e);
        }
    }
}
