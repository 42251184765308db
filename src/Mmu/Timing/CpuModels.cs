using System.Text.Json;

namespace X86Pae.Timing;

/// <summary>The CPU models that are built in, and others from files of the same form.</summary>
/// <remarks>The built-in ones are such files, embedded; docs/cpu-model.schema.json is the schema.</remarks>
public static class CpuModels
{
    private static readonly string[] Names =
    [
        "pentium3-katmai", "pentium3-tualatin", "pentium4-northwood", "pentium4-prescott", "pentium-m-dothan",
        "yonah-celeron215", "core-duo", "core2-conroe", "core2-yorkfield", "nehalem-lynnfield", "sandybridge", "haswell",
        "skylake", "k8-manchester", "k10-thuban", "zen1",
    ];

    /// <summary>All built-in models, oldest of each maker first.</summary>
    public static IReadOnlyList<CpuModel> All { get; } = [.. Names.Select(LoadBuiltIn)];

    /// <summary>Intel Core Duo (Yonah), 2.0 GHz, 2006: the last 32-bit-only Intel core.</summary>
    public static CpuModel CoreDuo { get; } = Find("core-duo")!;

    /// <summary>Finds a built-in model by name.</summary>
    /// <param name="name">The name, such as <c>core-duo</c>.</param>
    /// <returns>The model, or null if there is none of that name.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    public static CpuModel? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(model => model.Name == name);
    }

    /// <summary>Reads a model from JSON.</summary>
    /// <param name="json">The text, UTF-8.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is null.</exception>
    /// <exception cref="InvalidDataException">It is not a model; the message names the member that is wrong.</exception>
    public static CpuModel Parse(Stream json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            CpuModel model = JsonSerializer.Deserialize(json, CpuModelJsonContext.Default.CpuModel)
                ?? throw new InvalidDataException("the model is null");
            CpuModelValidation.Validate(model);
            return model;
        }
        catch (JsonException e)
        {
            string place = e.Path is { Length: > 1 } path ? $"{path.TrimStart('$', '.')}: " : string.Empty;
            string line = e.LineNumber is { } number ? $" (line {number + 1})" : string.Empty;
            throw new InvalidDataException($"{place}{FirstSentence(e.Message)}{line}", e);
        }
    }

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    private static CpuModel LoadBuiltIn(string name)
    {
        using Stream json = typeof(CpuModels).Assembly.GetManifestResourceStream($"X86Pae.Timing.Models.{name}.json")
            ?? throw new InvalidOperationException($"The model {name} is not embedded.");
        return Parse(json);
    }
}
