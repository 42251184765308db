using X86Pae.GuestRunner.Devices;

namespace X86Pae.GuestRunner.Running;

/// <summary>Passes on the output of the program line by line, and compares it with the expected output.</summary>
/// <param name="stream">Receives the bytes.</param>
/// <param name="expected">The comparison; null if no output is expected.</param>
internal sealed class GuestOutput(Stream stream, LineComparison? expected = null) : IByteSink
{
    private const byte NewLine = (byte)'\n';

    private readonly List<byte> _line = [];

    /// <summary>Raised with a description when a line differs from the expected one.</summary>
    public event Action<string>? Differed;

    public void Put(byte value)
    {
        _line.Add(value);
        if (value == NewLine)
        {
            FinishLine();
        }
    }

    /// <summary>Ends the output: passes on the last bytes, and checks that no line is missing.</summary>
    /// <returns>The first difference from the expected output; null if there is none.</returns>
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
            Differed?.Invoke(difference);
        }

        _line.Clear();
    }
}
