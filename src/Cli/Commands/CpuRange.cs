using System.Globalization;
using X86Pae.Smp;

namespace X86Pae.Cli.Commands;

/// <summary>Numbers of CPUs, each a machine of its own.</summary>
/// <param name="First">The smallest, at least 1.</param>
/// <param name="Last">The largest.</param>
internal readonly record struct CpuRange(int First, int Last)
{
    private const string Between = "..";

    /// <summary>Reads <c>N</c> or <c>N..M</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="range">The numbers.</param>
    public static bool TryParse(string text, out CpuRange range)
    {
        int at = text.IndexOf(Between, StringComparison.Ordinal);
        range = default;
        if (!TryParseCount(at < 0 ? text : text[..at], out int first)
            || !TryParseCount(at < 0 ? text : text[(at + Between.Length)..], out int last)
            || last < first)
        {
            return false;
        }

        range = new CpuRange(first, last);
        return true;
    }

    /// <summary>The range as it is written.</summary>
    public override string ToString() => First == Last ? Text(First) : Text(First) + Between + Text(Last);

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static bool TryParseCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= Machine.MaxProcessors;
}
