using System.Text.Json.Serialization;

namespace X86Pae.Cli.Snapshots;

/// <summary>Generated reader of machine.json, so that trimming keeps what it needs.</summary>
[JsonSerializable(typeof(MachineDocument))]
internal sealed partial class MachineJsonContext : JsonSerializerContext;
