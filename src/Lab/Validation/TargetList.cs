using System.Text.Json;
using System.Text.Json.Serialization;

namespace X86Pae.Lab.Validation;

/// <summary>The targets of src/Lab/Validation/targets.json, which is embedded.</summary>
public static class TargetList
{
    /// <summary>All targets, in order.</summary>
    public static IReadOnlyList<Target> All { get; } = Load();

    private static IReadOnlyList<Target> Load()
    {
        using Stream json = typeof(TargetList).Assembly.GetManifestResourceStream("targets.json")
            ?? throw new InvalidOperationException("The targets are not embedded.");
        return JsonSerializer.Deserialize(json, TargetJsonContext.Default.IReadOnlyListTarget)!;
    }
}

/// <summary>Deserialisation code for the targets, generated when the library is built.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(IReadOnlyList<Target>))]
internal sealed partial class TargetJsonContext : JsonSerializerContext;
