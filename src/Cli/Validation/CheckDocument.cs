using System.Text.Json;

namespace X86Pae.Cli.Validation;

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
