using System.Buffers.Text;
using System.Globalization;

namespace X86Pae.Kmap.Traces;

/// <summary>Reads a recording in ftrace's text format, plain or compressed with gzip, one event at a time.</summary>
/// <remarks>
/// <para>
/// Memory does not depend on the length of the recording, and reading an event allocates nothing. A recording that is not whole
/// is an error and never a shorter recording: a gzip file cut anywhere, corrupt data, a line that is not an event, and lost
/// events.
/// </para>
/// <para>
/// Not checked: the order of time stamps, whether a return belongs to a call, the number of entries that the header announces,
/// and so whether a file that is not compressed was cut: its text has no end mark.
/// </para>
/// <para>
/// Source of the format: Linux 6.1, kernel/trace/trace.c and trace_output.c, with the option <c>irq-info</c> and a clock in
/// nanoseconds.
/// </para>
/// </remarks>
internal sealed class FtraceReader : IDisposable
{
    /// <summary>Number of CPUs that a recording may name when its header does not give their number.</summary>
    public const int MaxCpuCount = 32;

    private const int MaxQuoteLength = 80;

    private readonly string _name;
    private readonly LineReader _lines;
    private bool _disposed;

    private FtraceReader(LineReader lines, string name)
    {
        _lines = lines;
        _name = name;
    }

    /// <summary>
    /// Number of CPUs of the machine recorded, from <c>#P:</c> in the header; <see langword="null"/> without such a line.
    /// </summary>
    public int? CpuCount { get; private set; }

    /// <summary>Number of events read so far, those of kind <see cref="TraceEventKind.Other"/> included.</summary>
    public long EventCount { get; private set; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <param name="path">The file. Whether it is compressed is told from its first two bytes, not from its name.</param>
    /// <returns>A reader at the first event, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a directory.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="TraceFormatException">The file is empty or damaged, or its header does not make sense.</exception>
    public static FtraceReader Open(string path)
    {
        // The reader has a buffer of its own.
        var options = new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan };
        return Open(new FileStream(path, options), path);
    }

    /// <summary>Takes over a stream and reads the header of the recording in it.</summary>
    /// <param name="stream">
    /// The recording, from the current position to the end; it need not be seekable. It belongs to the reader, and is disposed
    /// with it or when this method throws.
    /// </param>
    /// <param name="name">What messages call the recording.</param>
    /// <returns>A reader at the first event, to be disposed by the caller.</returns>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="TraceFormatException">The recording is empty or damaged, or its header does not make sense.</exception>
    public static FtraceReader Open(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        IDisposable opened = stream;
        try
        {
            ArgumentNullException.ThrowIfNull(name);
            var lines = new LineReader(RecordedData.Open(stream));
            opened = lines;
            var reader = new FtraceReader(lines, name);
            reader.ReadHeader();
            return reader;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next event. After an exception the reader is good for nothing but to be disposed.</summary>
    /// <param name="e">The event, or the default at the end.</param>
    /// <returns>
    /// <see langword="false"/> at the end of the recording, which is then known to be complete if it is compressed.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="TraceFormatException">
    /// The data is truncated or corrupt, the next line is not one of ftrace or reports lost events, a field of an event is
    /// missing or not a 32-bit number, or the CPU is not below <see cref="CpuCount"/>, or <see cref="MaxCpuCount"/> where that is
    /// not known.
    /// </exception>
    public bool TryRead(out TraceEvent e)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ReadOnlySpan<byte> line;
        do
        {
            if (!TryReadLine(out line))
            {
                e = default;
                return false;
            }
        }
        while (line is [(byte)'#', ..]);

        e = Parse(line);
        EventCount++;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _lines.Dispose();
    }

    private void ReadHeader()
    {
        if (!TryPeek(out byte first))
        {
            throw new TraceFormatException(_name, 0, "the recording is empty");
        }

        while (first == '#' && TryReadLine(out ReadOnlySpan<byte> line))
        {
            int at = line.IndexOf("#P:"u8);
            if (at >= 0)
            {
                CpuCount = Utf8Parser.TryParse(line[(at + 3)..], out int count, out _) && count > 0
                    ? count
                    : throw Bad("#P: is not followed by a number of CPUs", line);
            }

            TryPeek(out first);
        }
    }

    private TraceEvent Parse(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("CPU:"u8) && line.IndexOf(" [LOST "u8) >= 0)
        {
            throw Bad("events were lost while recording, and a recording with lost events cannot be replayed", line);
        }

        string? problem = FtraceLine.Parse(line, out FtraceLine parts);
        if (problem is not null)
        {
            throw Bad(problem, line);
        }

        int cpus = CpuCount ?? MaxCpuCount;
        if (parts.Cpu >= cpus)
        {
            throw Bad(string.Create(CultureInfo.InvariantCulture, $"there is no CPU {parts.Cpu}, only 0 to {cpus - 1}"), line);
        }

        TraceEventKind kind = FtraceEvents.KindOf(parts.Name);
        problem = FtraceEvents.ReadPayload(kind, parts.Arguments, out uint first, out uint second);
        return problem is null
            ? new TraceEvent(kind, _lines.Line, parts.Cpu, parts.Pid, parts.Microseconds, parts.Context, first, second)
            : throw Bad(problem, line);
    }

    private bool TryPeek(out byte first)
    {
        try
        {
            return _lines.TryPeek(out first);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(e);
        }
    }

    private bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        try
        {
            return _lines.TryRead(out line);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(e);
        }
    }

    // The line that was being read is the one after the last that was handed out.
    private TraceFormatException Damaged(InvalidDataException e) => new(_name, _lines.Line + 1, e.Message, e);

    private TraceFormatException Bad(string problem, ReadOnlySpan<byte> line)
    {
        Span<char> quote = stackalloc char[MaxQuoteLength];
        int length = Math.Min(line.Length, MaxQuoteLength);
        for (int i = 0; i < length; i++)
        {
            // A terminal would act on control characters.
            quote[i] = line[i] is >= 0x20 and < 0x7f ? (char)line[i] : '?';
        }

        return new TraceFormatException(_name, _lines.Line, $"{problem}: '{quote[..length]}'");
    }
}
