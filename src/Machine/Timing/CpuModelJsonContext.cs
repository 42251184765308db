using System.Text.Json;
using System.Text.Json.Serialization;
using X86Pae.Tlb;

namespace X86Pae.Timing;

/// <summary>Deserialisation code for CPU models, generated when the library is built.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters =
    [
        typeof(NameConverter<Confidence>), typeof(NameConverter<Replacement>), typeof(NameConverter<SetIndex>),
        typeof(NameConverter<SiblingSharing>), typeof(NameConverter<InterruptBus>),
    ],
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(CpuModel))]
internal sealed partial class CpuModelJsonContext : JsonSerializerContext;
