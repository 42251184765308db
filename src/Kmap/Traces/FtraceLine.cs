// One line of /sys/kernel/tracing/trace. Linux 6.1, kernel/trace/trace_output.c, trace_print_context.
//
//              cp-163     [000] d..22    14.562628: vm_unmap_ram: (vm_unmap_ram+0x0/0x1c0) va=0xf7c80000 count=2
//   |--- task ---|pid|     CPU  columns seconds.us  name           fields
//
// A task may call itself anything of up to 15 bytes, blanks, brackets and "-1 [000]" included. That is too short to hold
// everything from "-PID" to the time stamp, so the first place where all of it fits is the right one.

using System.Buffers.Text;

namespace X86Pae.Kmap.Traces;

/// <summary>The parts of a line, before anything is known about the event.</summary>
internal readonly ref struct FtraceLine
{
    private const int MicrosecondDigits = 6;
    private const long MicrosecondsPerSecond = 1_000_000;
    private const long MaxSeconds = (long.MaxValue / MicrosecondsPerSecond) - 1;

    /// <summary>CPU number; only its not being negative is checked.</summary>
    public int Cpu { get; private init; }

    /// <summary>Thread number, from 0.</summary>
    public int Pid { get; private init; }

    /// <summary>The latency columns.</summary>
    public TraceContext Context { get; private init; }

    /// <summary>Time stamp in microseconds.</summary>
    public long Microseconds { get; private init; }

    /// <summary>Name of the event, not empty and without blanks.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    /// <summary>What follows the colon after the name.</summary>
    public ReadOnlySpan<byte> Arguments { get; private init; }

    /// <summary>Takes a line apart.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="parsed">The parts, or the default.</param>
    /// <returns><see langword="null"/>, or why the line does not parse.</returns>
    public static string? Parse(ReadOnlySpan<byte> line, out FtraceLine parsed)
    {
        parsed = default;
        string? problem = null;
        for (int from = 0; ;)
        {
            int bracket = line[from..].IndexOf((byte)'[');
            if (bracket < 0)
            {
                return problem ?? "there is no TASK-PID [CPU]";
            }

            bracket += from;
            from = bracket + 1;
            if (TryParsePid(line[..bracket], out int pid) && TryParseCpu(line[from..], out int cpu, out int length))
            {
                string? here = ParseRest(line[(from + length)..], pid, cpu, out parsed);
                if (here is null)
                {
                    return null;
                }

                problem ??= here;
            }
        }
    }

    // "-PID" and blanks, at the end.
    private static bool TryParsePid(ReadOnlySpan<byte> before, out int pid)
    {
        ReadOnlySpan<byte> task = before.TrimEnd((byte)' ');
        int dash = task.LastIndexOf((byte)'-');
        ReadOnlySpan<byte> digits = task[(dash + 1)..];
        return TryParseDigits(digits, out pid) && dash >= 0 && task.Length < before.Length;
    }

    // "CPU] ", at the start.
    private static bool TryParseCpu(ReadOnlySpan<byte> text, out int cpu, out int length)
    {
        int end = text.IndexOf("] "u8);
        length = end + 2;
        cpu = 0;
        return end > 0 && TryParseDigits(text[..end], out cpu);
    }

    // "COLUMNS SECONDS.MICROSECONDS: NAME: ARGUMENTS", all of it.
    private static string? ParseRest(ReadOnlySpan<byte> text, int pid, int cpu, out FtraceLine parsed)
    {
        parsed = default;
        int blank = text.IndexOf((byte)' ');
        if (blank < 0 || !TraceContext.TryParse(text[..blank], out TraceContext context))
        {
            return "the five columns after the CPU are missing or not those of ftrace";
        }

        text = text[blank..].TrimStart((byte)' ');
        int colon = text.IndexOf(": "u8);
        if (colon < 0 || !TryParseTime(text[..colon], out long microseconds))
        {
            return "there is no time stamp SECONDS.MICROSECONDS";
        }

        text = text[(colon + 2)..];
        colon = text.IndexOf((byte)':');
        if (colon <= 0 || text[..colon].Contains((byte)' '))
        {
            return "there is no name of an event";
        }

        parsed = new FtraceLine
        {
            Cpu = cpu,
            Pid = pid,
            Context = context,
            Microseconds = microseconds,
            Name = text[..colon],
            Arguments = text[(colon + 1)..],
        };
        return null;
    }

    private static bool TryParseTime(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        int point = text.IndexOf((byte)'.');
        if (point < 0
            || text.Length - point - 1 != MicrosecondDigits
            || !TryParseDigits(text[(point + 1)..], out int fraction)
            || !Utf8Parser.TryParse(text[..point], out ulong seconds, out int used)
            || used != point
            || seconds > MaxSeconds)
        {
            return false;
        }

        microseconds = ((long)seconds * MicrosecondsPerSecond) + fraction;
        return true;
    }

    // The parser alone would take a sign.
    private static bool TryParseDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        return !text.IsEmpty
            && char.IsAsciiDigit((char)text[0])
            && Utf8Parser.TryParse(text, out value, out int used)
            && used == text.Length;
    }
}
