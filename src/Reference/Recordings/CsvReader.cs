using System.Globalization;

namespace X86Pae.Reference.Recordings;

/// <summary>Streams a file of comma-separated values with a line of column names; fields are not quoted.</summary>
/// <remarks>Columns are found by name, in any order, and those not asked for are ignored. Lines count from 1.</remarks>
internal sealed class CsvReader : IDisposable
{
    private readonly StreamReader _lines;
    private readonly string _name;
    private string _line = string.Empty;
    private string[] _columns = [];
    private int[] _positions = [];
    private Range[] _fields = [];

    /// <summary>Begins to read. Every member throws <see cref="InvalidDataException"/> for a line that is wrong.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="content">Its content, disposed of together with the reader.</param>
    public CsvReader(string name, Stream content)
    {
        _name = name;
        _lines = new StreamReader(content);
    }

    /// <summary>Number of the line read last.</summary>
    public int LineNumber { get; private set; }

    /// <summary>The file and the line read last, as <c>file:line</c>.</summary>
    public string Place => $"{_name}:{LineNumber}";

    /// <summary>The text of a field of the current row.</summary>
    /// <param name="column">Index into the columns given to <see cref="ReadHeader"/>.</param>
    public ReadOnlySpan<char> this[int column] => _line.AsSpan(_fields[_positions[column]]);

    /// <summary>Reads a line that is not a row: a comment above the header.</summary>
    /// <param name="expected">What should stand there, for the message when the file ends instead.</param>
    public string ReadPreamble(string expected) =>
        Advance() ? _line : throw Error($"the file ends where {expected} should stand");

    /// <summary>Reads the line of column names.</summary>
    /// <param name="columns">The columns that rows are asked for.</param>
    public void ReadHeader(string[] columns)
    {
        string[] names = ReadPreamble("the line of column names").Split(',');
        _columns = columns;
        _positions = Array.ConvertAll(columns, column => Array.IndexOf(names, column) is var position and >= 0
            ? position
            : throw Error($"column '{column}' is missing"));
        _fields = new Range[names.Length + 1];
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns>False at the end of the file.</returns>
    public bool ReadRow()
    {
        if (!Advance())
        {
            return false;
        }

        int expected = _fields.Length - 1;
        int count = _line.AsSpan().Split(_fields, ',');
        if (count == expected)
        {
            return true;
        }

        throw Error(count < expected
            ? $"the line has {count} fields, the line of column names {expected}"
            : $"the line has more than the {expected} fields of the line of column names");
    }

    /// <summary>A field as an unsigned number in hexadecimal digits, without a prefix.</summary>
    /// <param name="column">Index of the column.</param>
    /// <param name="max">Largest legal value.</param>
    public ulong Hex(int column, ulong max = ulong.MaxValue) =>
        ulong.TryParse(this[column], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
        && value <= max
            ? value
            : throw FieldError(column, $"a hexadecimal number up to {max:x}");

    /// <summary>A field as a number in decimal digits.</summary>
    /// <param name="column">Index of the column.</param>
    public int Number(int column) =>
        int.TryParse(this[column], NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw FieldError(column, "a number");

    /// <summary>A field as a number that may have decimals after a point.</summary>
    /// <param name="column">Index of the column.</param>
    public double Decimal(int column) =>
        double.TryParse(this[column], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
        && double.IsFinite(value)
            ? value
            : throw FieldError(column, "a number");

    /// <summary>A field that is 0 or 1.</summary>
    /// <param name="column">Index of the column.</param>
    public bool Bit(int column) => this[column] switch
    {
        "0" => false,
        "1" => true,
        _ => throw FieldError(column, "0 or 1"),
    };

    /// <summary>The error to throw for a field of the current row.</summary>
    /// <param name="column">Index of the column.</param>
    /// <param name="expected">What the field should have been.</param>
    public InvalidDataException FieldError(int column, string expected) =>
        Error($"{_columns[column]} is '{this[column]}', not {expected}");

    /// <summary>The error to throw for the current line.</summary>
    /// <param name="reason">What is wrong with it.</param>
    public InvalidDataException Error(string reason) => new($"{Place}: {reason}");

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    private bool Advance()
    {
        LineNumber++;
        string? line = _lines.ReadLine();
        _line = line ?? string.Empty;
        return line is not null;
    }
}
