using X86Pae.GuestRunner.Devices;

namespace X86Pae.GuestRunner.Running;

/// <summary>What the program prints: passed on, and compared with what was expected.</summary>
/// <param name="stream">Receives the bytes, line by line.</param>
/// <param name="expected">What they should be; null where nobody knows.</param>
internal sealed class GuestOutput(Stream stream, LineComparison? expected = null) : IByteSink
{
    private const byte NewLine = (byte)'\n';

    private readonly List<byte> _line = [];
    private RunControl? _control;

    /// <summary>Gives it the power to end a run at the first difference.</summary>
    public void Attach(RunControl control) => _control = control;

    public void Put(byte value)
    {
        _line.Add(value);
        if (value == NewLine)
        {
            FinishLine();
        }
    }

    /// <summary>No more output comes: passes on what is left, and looks for lines that are missing.</summary>
    /// <returns>The first difference from what was expected; null if there is none.</returns>
    public string? Finish()
    {
        if (_line.Count > 0)
        {
            FinishLine();
        }

        stream.Flush();
        return expected?.Finish();
    }

    private void FinishLine()
    {
        stream.Write(_line.ToArray());
        if (expected?.Accept(_line.ToArray()) is { } difference)
        {
            _control?.Stop(new RunEnd(RunEndKind.Difference, difference));
        }

        _line.Clear();
    }
}
