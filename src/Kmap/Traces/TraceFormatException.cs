using System.Globalization;

namespace X86Pae.Kmap.Traces;

/// <summary>A recording cannot be used: it is damaged, incomplete, or not ftrace text.</summary>
public sealed class TraceFormatException : Exception
{
    /// <summary>Makes one for a place in a file.</summary>
    /// <param name="fileName">Name of the recording, as it was given to <see cref="FtraceReader"/>.</param>
    /// <param name="line">Line of the text, from 1; 0 when the problem is with the file as a whole.</param>
    /// <param name="problem">What is wrong, without the place.</param>
    /// <param name="innerException">What the decompressor reported, if it was that.</param>
    public TraceFormatException(string fileName, long line, string problem, Exception? innerException = null)
        : base(Describe(fileName, line, problem), innerException)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(problem);
        FileName = fileName;
        Line = line;
    }

    /// <summary>Name of the recording, as it was given to <see cref="FtraceReader"/>.</summary>
    public string FileName { get; }

    /// <summary>
    /// Line of the decompressed text, from 1, header lines included; 0 when there is none. Where the data itself ends or is
    /// corrupt it is the first line that could not be read in full.
    /// </summary>
    public long Line { get; }

    private static string Describe(string fileName, long line, string problem) => line == 0
        ? $"{fileName}: {problem}"
        : string.Create(CultureInfo.InvariantCulture, $"{fileName}:{line}: {problem}");
}
