using System.Text.Json;

namespace X86Pae.Cli.Validation;

/// <summary>The targets of src/Cli/Validation/targets.json, which is embedded.</summary>
internal static class TargetList
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
