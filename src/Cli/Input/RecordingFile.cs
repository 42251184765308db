using X86Pae.Kmap.Traces;

namespace X86Pae.Cli.Input;

/// <summary>A recorded trace that the user named, or the one that is part of the tool.</summary>
internal static class RecordingFile
{
    /// <summary>Name of the recording that is part of the tool: fork and exec loops on four CPUs.</summary>
    public const string BuiltIn = "forkio-4cpu.ftrace.gz";

    /// <summary>Reads a recording, and turns what is wrong with it into a message.</summary>
    /// <typeparam name="T">What reading gives.</typeparam>
    /// <param name="path">The file; null for the built-in recording.</param>
    /// <param name="read">Reads the trace to its end.</param>
    /// <exception cref="UserErrorException">The recording cannot be read or understood.</exception>
    public static T Read<T>(string? path, Func<MappingTrace, T> read)
    {
        try
        {
            using MappingTrace trace = Open(path);
            return read(trace);
        }
        catch (TraceFormatException e)
        {
            throw new UserErrorException(e.Message, e);
        }
        catch (Exception e) when (path is not null && InputFile.IsReadError(e))
        {
            throw InputFile.Describe(path, e);
        }
    }

    private static MappingTrace Open(string? path)
    {
        MappingTrace trace = path is null
            ? MappingTrace.Open(typeof(RecordingFile).Assembly.GetManifestResourceStream(BuiltIn)!, BuiltIn)
            : MappingTrace.Open(path);
        if (trace.CpuCount > MappingTrace.MaxCpuCount)
        {
            trace.Dispose();
            throw new UserErrorException(
                $"{path}: the recording has {trace.CpuCount} CPUs, and at most {MappingTrace.MaxCpuCount} are emulated");
        }

        return trace;
    }
}
