using System.Text.Json;
using System.Text.Json.Serialization;

namespace X86Pae.Timing;

/// <summary>Reads an enumeration by the names of its members, and by nothing else.</summary>
/// <typeparam name="TEnum">The enumeration.</typeparam>
internal sealed class NameConverter<TEnum> : JsonConverter<TEnum>, INameConverter
    where TEnum : struct, Enum
{
    private static readonly string[] MemberNames =
        [.. Enum.GetNames<TEnum>().Select(name => JsonNamingPolicy.CamelCase.ConvertName(name))];

    private static readonly TEnum[] Values = Enum.GetValues<TEnum>();

    /// <inheritdoc/>
    public IReadOnlyList<string> Names => MemberNames;

    /// <inheritdoc/>
    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        int index = reader.TokenType == JsonTokenType.String ? Array.IndexOf(MemberNames, reader.GetString()) : -1;
        return index >= 0 ? Values[index] : throw new JsonException();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) =>
        writer.WriteStringValue(MemberNames[Array.IndexOf(Values, value)]);
}
