using System.Text.Json.Serialization;

namespace X86Pae.Cli.Siblings;

/// <summary>Serialisation code for the figures, generated when the tool is built.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SiblingDocument))]
internal sealed partial class SiblingJsonContext : JsonSerializerContext;
