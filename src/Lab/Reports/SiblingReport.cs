using System.Text.Json;
using System.Text.Json.Serialization;
using X86Pae.Lab.Experiments;
using X86Pae.Timing;

namespace X86Pae.Lab.Reports;

/// <summary>Writes what a thread pays for its sibling as JSON.</summary>
public static class SiblingReport
{
    /// <summary>Writes the figures as the text of a file.</summary>
    /// <param name="model">The processor.</param>
    /// <param name="rows">The figures.</param>
    public static string ToJson(CpuModel model, IReadOnlyList<SiblingRow> rows)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        return JsonSerializer.Serialize(new SiblingDocument(model.Name, rows), SiblingJsonContext.Default.SiblingDocument) + "\n";
    }
}

/// <summary>The figures of a sibling experiment as they are written to a file.</summary>
/// <param name="Cpu">CPU model.</param>
/// <param name="Rows">The figures, each for one access.</param>
internal sealed record SiblingDocument(string Cpu, IReadOnlyList<SiblingRow> Rows);

/// <summary>Serialisation code for the figures, generated when the tool is built.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SiblingDocument))]
internal sealed partial class SiblingJsonContext : JsonSerializerContext;
