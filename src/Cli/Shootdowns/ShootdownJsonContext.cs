using System.Text.Json.Serialization;

namespace X86Pae.Cli.Shootdowns;

/// <summary>Serialisation code for the figures, generated when the tool is built.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ShootdownDocument))]
internal sealed partial class ShootdownJsonContext : JsonSerializerContext;
