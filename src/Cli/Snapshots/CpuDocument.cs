using System.Text.Json.Serialization;

namespace X86Pae.Cli.Snapshots;

/// <summary>A processor in machine.json; registers are hexadecimal with 0x in front.</summary>
internal sealed record CpuDocument
{
    /// <summary>Number of the processor, which also names its list of mappings.</summary>
    [JsonPropertyName("cpu")]
    public int? Cpu { get; init; }

    /// <summary>CR0.</summary>
    [JsonPropertyName("cr0")]
    public string? Cr0 { get; init; }

    /// <summary>CR3.</summary>
    [JsonPropertyName("cr3")]
    public string? Cr3 { get; init; }

    /// <summary>CR4.</summary>
    [JsonPropertyName("cr4")]
    public string? Cr4 { get; init; }

    /// <summary>IA32_EFER.</summary>
    [JsonPropertyName("efer")]
    public string? Efer { get; init; }
}
