using System.Text;

namespace X86Pae.GuestRunner.Running;

/// <summary>Compares output with the expected output, line for line.</summary>
/// <param name="expected">The expected lines.</param>
internal sealed class LineComparison(IReadOnlyList<string> expected)
{
    private string? _difference;

    /// <summary>Number of lines compared so far.</summary>
    public int Lines { get; private set; }

    /// <summary>Compares the next line.</summary>
    /// <param name="line">The line, with or without a line feed at its end.</param>
    /// <returns>The first difference so far; null if there is none.</returns>
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

    /// <summary>Ends the comparison: lines that are still expected are missing.</summary>
    /// <returns>The first difference; null if there is none.</returns>
    public string? Finish() =>
        _difference ?? (Lines < expected.Count ? Describe(Lines + 1, expected[Lines], null) : null);

    private static string Describe(int number, string? wanted, string? actual) => $"""
        line {number} differs
          expected: {wanted ?? "(end of output)"}
          actual:   {actual ?? "(end of output)"}
        """;
}
