using System.Text.Json;
using System.Text.Json.Serialization;

namespace X86Pae.Timing;

/// <summary>Deserialisation code for CPU models, generated when the library is built.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(CpuModel))]
internal sealed partial class CpuModelJsonContext : JsonSerializerContext;
