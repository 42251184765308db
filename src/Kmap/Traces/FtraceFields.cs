using System.Buffers.Text;

namespace X86Pae.Kmap.Traces;

/// <summary>Finds <c>name=value</c> pairs in the arguments of an event, in whatever order they are.</summary>
/// <remarks>
/// Of several pairs with one name the last counts: in <c>sched_switch</c> the name of a task, which may itself read like a pair,
/// stands before the number of the task.
/// </remarks>
internal static class FtraceFields
{
    /// <summary>Reads a 32-bit number.</summary>
    /// <param name="arguments">What follows the name of the event.</param>
    /// <param name="name">Name of the field, without the equals sign.</param>
    /// <param name="value">Its value, written in hexadecimal after <c>0x</c> and else in decimal; or 0.</param>
    /// <returns><see langword="null"/>, or what is wrong with the field.</returns>
    public static string? Read(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> name, out uint value)
    {
        value = 0;
        if (!TryFind(arguments, name, out ReadOnlySpan<byte> text))
        {
            return "is missing";
        }

        bool isHex = text.StartsWith("0x"u8);
        ReadOnlySpan<byte> digits = isHex ? text[2..] : text;
        return !digits.IsEmpty
            && char.IsAsciiHexDigit((char)digits[0])
            && Utf8Parser.TryParse(digits, out value, out int used, isHex ? 'x' : 'D')
            && used == digits.Length
            ? null
            : "is not a 32-bit number";
    }

    /// <summary>Splits the arguments of <c>sched_switch</c> into those of the task before and those of the task after.</summary>
    /// <param name="arguments">What follows the name of the event.</param>
    /// <param name="next">The arguments after the arrow, or all of them when there is none.</param>
    /// <returns>The arguments before the arrow, or all of them when there is none.</returns>
    public static ReadOnlySpan<byte> SplitAtArrow(ReadOnlySpan<byte> arguments, out ReadOnlySpan<byte> next)
    {
        int arrow = arguments.LastIndexOf(" ==> "u8);
        next = arrow < 0 ? arguments : arguments[arrow..];
        return arrow < 0 ? arguments : arguments[..arrow];
    }

    private static bool TryFind(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = arguments;
        int at;
        while ((at = rest.LastIndexOf(name)) >= 0)
        {
            int end = at + name.Length;
            if (at > 0 && rest[at - 1] == ' ' && end < arguments.Length && arguments[end] == '=')
            {
                value = arguments[(end + 1)..];
                int blank = value.IndexOf((byte)' ');
                value = blank < 0 ? value : value[..blank];
                return true;
            }

            rest = rest[..at];
        }

        value = default;
        return false;
    }
}
