using System.Text.Json.Serialization;

namespace X86Pae.Cli.Memtrace;

/// <summary>Serialisation code for the counts, generated when the tool is built.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MemtraceDocument))]
internal sealed partial class MemtraceJsonContext : JsonSerializerContext;
