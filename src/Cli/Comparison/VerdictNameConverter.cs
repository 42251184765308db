using System.Text.Json;
using System.Text.Json.Serialization;
using X86Pae.Lab.Sweeps;

namespace X86Pae.Cli.Comparison;

/// <summary>Writes a verdict by its name.</summary>
internal sealed class VerdictNameConverter() : JsonStringEnumConverter<OrderVerdict>(JsonNamingPolicy.CamelCase);
