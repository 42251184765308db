using System.Text;

namespace X86Pae.GuestRunner.Running;

/// <summary>Compares output with what was expected, line for line.</summary>
/// <param name="expected">The expected lines.</param>
internal sealed class LineComparison(IReadOnlyList<string> expected)
{
    private string? _difference;

    /// <summary>How many lines have come.</summary>
    public int Lines { get; private set; }

    /// <summary>Takes one line.</summary>
    /// <param name="line">The line, with or without its end.</param>
    /// <returns>The first difference; null while there is none.</returns>
    public string? Accept(ReadOnlySpan<byte> line)
    {
        string actual = Encoding.Latin1.GetString(line).TrimEnd('\n');
        string? wanted = Lines < expected.Count ? expected[Lines] : null;
        Lines++;
        if (actual != wanted)
        {
            _difference ??= Describe(Lines, wanted, actual);
        }

        return _difference;
    }

    /// <summary>No more lines come.</summary>
    /// <returns>The first difference; null if there is none.</returns>
    public string? Finish() =>
        _difference ?? (Lines < expected.Count ? Describe(Lines + 1, expected[Lines], null) : null);

    private static string Describe(int number, string? wanted, string? actual) => $"""
        line {number} differs
          expected: {wanted ?? "(end of output)"}
          actual:   {actual ?? "(end of output)"}
        """;
}
