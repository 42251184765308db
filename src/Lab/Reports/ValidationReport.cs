using System.Text.Json;
using System.Text.Json.Serialization;
using X86Pae.Lab.Validation;

namespace X86Pae.Lab.Reports;

/// <summary>Writes the results of a validation as JSON.</summary>
public static class ValidationReport
{
    /// <summary>Writes the table as the text of a file.</summary>
    /// <param name="results">The results, in order.</param>
    public static string ToJson(IReadOnlyList<CheckResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return JsonSerializer.Serialize(ValidationDocument.Of(results), ValidationJsonContext.Default.ValidationDocument) + "\n";
    }
}

/// <summary>The table as it is written to a file.</summary>
/// <param name="Passed">Figures that hold.</param>
/// <param name="Failed">Figures that fail.</param>
/// <param name="Checks">All figures, in order.</param>
internal sealed record ValidationDocument(int Passed, int Failed, IReadOnlyList<CheckDocument> Checks)
{
    /// <summary>The document of some results.</summary>
    /// <param name="results">The results.</param>
    public static ValidationDocument Of(IReadOnlyList<CheckResult> results) => new(
        results.Count(result => result.Verdict == Verdict.Holds),
        results.Count(result => result.Verdict == Verdict.Fails),
        [.. results.Select(CheckDocument.Of)]);
}

/// <summary>One figure as it is written to a file.</summary>
internal sealed record CheckDocument
{
    public required string Id { get; init; }

    public required string Tier { get; init; }

    public required string Model { get; init; }

    public required string What { get; init; }

    /// <summary>Lower end of what is expected; null where open.</summary>
    public required double? AtLeast { get; init; }

    /// <summary>Upper end of what is expected; null where open.</summary>
    public required double? AtMost { get; init; }

    public required string Tolerance { get; init; }

    public required double Measured { get; init; }

    public required string Verdict { get; init; }

    public required string? Reason { get; init; }

    public required string Source { get; init; }

    /// <summary>The document of a result.</summary>
    /// <param name="result">The result.</param>
    public static CheckDocument Of(CheckResult result) => new()
    {
        Id = result.Id,
        Tier = result.Tier.ToString(),
        Model = result.Model,
        What = result.What,
        AtLeast = Finite(result.Expectation.AtLeast),
        AtMost = Finite(result.Expectation.AtMost),
        Tolerance = result.Expectation.ToleranceText,
        Measured = result.Measured,
        Verdict = JsonNamingPolicy.CamelCase.ConvertName(result.Verdict.ToString()),
        Reason = result.Reason,
        Source = result.Source,
    };

    private static double? Finite(double end) => double.IsInfinity(end) ? null : end;
}

/// <summary>Serialisation code for the table, generated when the tool is built.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ValidationDocument))]
internal sealed partial class ValidationJsonContext : JsonSerializerContext;
