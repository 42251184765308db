using X86Pae.Timing;

namespace X86Pae.Lab.Validation;

/// <summary>CPU models by name: the built-in ones, and those that are only there to be validated.</summary>
/// <remarks>
/// The latter are files of the same form in src/Lab/Validation/Models, embedded: processors with published figures that nobody
/// needs to simulate, and processors of which little more than those figures is known.
/// </remarks>
public static class ValidationModels
{
    private const string Prefix = "X86Pae.Lab.Validation.Models.";
    private const string Suffix = ".json";

    /// <summary>Names of the models that are only there for validation, in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(ValidationModels).Assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(resource => resource[Prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Finds a model.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The model, or null if there is none of that name.</returns>
    public static CpuModel? Find(string name)
    {
        if (CpuModels.Find(name) is { } builtIn)
        {
            return builtIn;
        }

        using Stream? json = typeof(ValidationModels).Assembly.GetManifestResourceStream(Prefix + name + Suffix);
        return json is null ? null : CpuModels.Parse(json);
    }
}
