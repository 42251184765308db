namespace X86Pae.Cli.Reporting;

/// <summary>One line on a terminal that says how far the work is; it is rewritten in place.</summary>
/// <param name="terminal">Null where there is none: then nothing is ever written.</param>
internal sealed class ProgressLine(TextWriter? terminal)
{
    private const long MillisecondsBetweenWrites = 100;
    private const int MaxLength = 79;

    private long _nextWrite;
    private int _length;

    /// <summary>Shows a text, unless the last one is younger than a tenth of a second.</summary>
    /// <param name="text">A single line; what does not fit into 79 columns is cut.</param>
    public void Report(string text)
    {
        long now = Environment.TickCount64;
        if (terminal is null || now < _nextWrite)
        {
            return;
        }

        string visible = text.Length > MaxLength ? text[..MaxLength] : text;
        terminal.Write($"\r{visible.PadRight(_length)}");
        _length = visible.Length;
        _nextWrite = now + MillisecondsBetweenWrites;
    }

    /// <summary>Empties the line, so that something else can be written.</summary>
    public void Clear()
    {
        if (_length > 0)
        {
            terminal?.Write($"\r{new string(' ', _length)}\r");
            _length = 0;
        }
    }
}
