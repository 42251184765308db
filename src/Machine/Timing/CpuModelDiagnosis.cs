using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace X86Pae.Timing;

/// <summary>Says, in the terms of a model file, what is wrong with one that the deserialiser has refused.</summary>
/// <remarks>
/// The deserialiser's own messages speak of .NET types. This reads the file once more, beside the metadata that the deserialiser
/// reads it by, and stops at the first place where they part.
/// </remarks>
internal ref struct CpuModelDiagnosis
{
    private const int MaxQuotedLength = 40;

    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;

    private CpuModelDiagnosis(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(
            json, new JsonReaderOptions { CommentHandling = CpuModelJsonContext.Default.Options.ReadCommentHandling });
    }

    /// <summary>Finds the first mistake.</summary>
    /// <param name="json">The file without a byte-order mark.</param>
    /// <returns>The path of a member, what is wrong with it, and its line; without a path for the file as a whole.</returns>
    public static string Explain(ReadOnlySpan<byte> json)
    {
        if (json.Trim(" \t\r\n"u8).IsEmpty)
        {
            return "is empty";
        }

        if (!Utf8.IsValid(json))
        {
            return "is not UTF-8 text";
        }

        var diagnosis = new CpuModelDiagnosis(json);
        try
        {
            diagnosis._reader.Read();
            string? problem = diagnosis.CheckObject(CpuModelJsonContext.Default.CpuModel, string.Empty);
            if (problem is null)
            {
                diagnosis._reader.Read(); // throws at whatever follows the model
            }

            return problem ?? "is not a CPU model";
        }
        catch (JsonException e)
        {
            return diagnosis.DescribeSyntax((int)(e.LineNumber ?? 0), (int)(e.BytePositionInLine ?? 0));
        }
    }

    private string? CheckObject(JsonTypeInfo type, string path)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            return Mismatch(path, "an object");
        }

        int line = CurrentLine();
        Dictionary<string, JsonPropertyInfo> members = type.Properties
            .Where(member => member.Set is not null || member.AssociatedParameter is not null) // without those that are ignored
            .ToDictionary(member => member.Name);
        var seen = new HashSet<string>();
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (ReadText() is not { } name || !members.TryGetValue(name, out JsonPropertyInfo? member))
            {
                return Problem(path, $"unknown member '{Quote()}'", CurrentLine());
            }

            if (!seen.Add(name))
            {
                return Problem(path, $"member '{name}' is there twice", CurrentLine());
            }

            _reader.Read();
            if (CheckMember(member, path.Length == 0 ? name : $"{path}.{name}") is { } problem)
            {
                return problem;
            }
        }

        string[] missing = [.. members.Values.Where(member => member.IsRequired && !seen.Contains(member.Name))
            .Select(member => $"'{member.Name}'")];
        return missing.Length == 0 ? null : Problem(path, $"lacks {string.Join(", ", missing)}", line);
    }

    private string? CheckMember(JsonPropertyInfo member, string path)
    {
        Type? nullable = Nullable.GetUnderlyingType(member.PropertyType);
        Type type = nullable ?? member.PropertyType;
        if (_reader.TokenType == JsonTokenType.Null && (nullable is not null || (!type.IsValueType && member.IsSetNullable)))
        {
            return null;
        }

        JsonTypeInfo metadata = CpuModelJsonContext.Default.GetTypeInfo(type)!;
        return metadata switch
        {
            { Kind: JsonTypeInfoKind.Object } => CheckObject(metadata, path),
            { Converter: INameConverter { Names: var names } } =>
                ReadText() is { } name && names.Contains(name) ? null : Mismatch(path, $"one of {string.Join(", ", names)}"),
            _ when type == typeof(string) => ReadText() is null ? Mismatch(path, "text") : null,
            _ when type == typeof(bool) => _reader.TokenType is JsonTokenType.True or JsonTokenType.False
                ? null : Mismatch(path, "true or false"),
            _ when _reader.TokenType != JsonTokenType.Number => Mismatch(path, "a number"),
            _ when type == typeof(int) && !_reader.TryGetInt32(out _) => Mismatch(path, "a 32-bit integer in plain digits"),
            _ => null,
        };
    }

    /// <summary>Reads the name or string at hand; null if it is neither, or if its escapes are no text (half a surrogate pair).</summary>
    private readonly string? ReadText()
    {
        try
        {
            return _reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String ? _reader.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private readonly string Mismatch(string path, string expected)
    {
        string actual = _reader.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.String => $"\"{Quote()}\"",
            _ => Quote(),
        };
        return Problem(path, $"is {actual}, not {expected}", CurrentLine());
    }

    /// <summary>The token at hand as it is written, shortened if it is long.</summary>
    private readonly string Quote()
    {
        string text = Encoding.UTF8.GetString(_reader.ValueSpan);
        return text.Length <= MaxQuotedLength ? text : $"{text[..MaxQuotedLength]}...";
    }

    private readonly int CurrentLine() => _json[..(int)_reader.TokenStartIndex].Count((byte)'\n') + 1;

    private static string Problem(string path, string problem, int line) =>
        $"{(path.Length == 0 ? string.Empty : $"{path}: ")}{problem} (line {line})";

    private readonly string DescribeSyntax(int line, int byteInLine)
    {
        ReadOnlySpan<byte> rest = _json;
        for (int i = 0; i < line; i++)
        {
            rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
        }

        int column = Encoding.UTF8.GetCharCount(rest[..byteInLine]) + 1;
        _ = Rune.DecodeFromUtf8(rest[byteInLine..], out Rune found, out int length);
        return length == 0
            ? Problem(string.Empty, "is not JSON: ends too early", line + 1)
            : Problem(string.Empty, $"is not JSON: unexpected {Describe(found)} in column {column}", line + 1);
    }

    private static string Describe(Rune found) => found switch
    {
        { Value: '\r' or '\n' } => "end of line",
        _ when Rune.IsControl(found) => $"U+{found.Value:X4}",
        _ => $"'{found}'",
    };
}
