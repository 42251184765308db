using System.Text.Json.Serialization;

namespace X86Pae.Cli.Validation;

/// <summary>Deserialisation code for the targets, generated when the tool is built.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(IReadOnlyList<Target>))]
internal sealed partial class TargetJsonContext : JsonSerializerContext;
