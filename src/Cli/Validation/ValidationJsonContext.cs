using System.Text.Json.Serialization;

namespace X86Pae.Cli.Validation;

/// <summary>Serialisation code for the table, generated when the tool is built.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ValidationDocument))]
internal sealed partial class ValidationJsonContext : JsonSerializerContext;
