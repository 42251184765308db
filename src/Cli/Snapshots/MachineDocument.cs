using System.Text.Json.Serialization;

namespace X86Pae.Cli.Snapshots;

/// <summary>The content of machine.json; members that the check does not need are ignored.</summary>
internal sealed record MachineDocument
{
    /// <summary>MAXPHYADDR.</summary>
    [JsonPropertyName("maxphyaddr")]
    public int? MaxPhyAddr { get; init; }

    /// <summary>The processors.</summary>
    [JsonPropertyName("cpus")]
    public CpuDocument?[]? Cpus { get; init; }
}
