using System.Globalization;

namespace X86Pae.Lab.Validation;

/// <summary>What a measured value must be: a value or a range, and how far it may be from that.</summary>
/// <param name="AtLeast">Lower end; negative infinity where open.</param>
/// <param name="AtMost">Upper end; positive infinity where open.</param>
/// <param name="Percent">Tolerance relative to each end, in percent.</param>
/// <param name="Within">Tolerance on top of it, absolute.</param>
public readonly record struct Expectation(double AtLeast, double AtMost, double Percent, double Within)
{
    // Less than any figure is published with: two ways to compute the same value must not differ.
    private const double Rounding = 1e-9;

    /// <summary>What is expected, without the tolerance.</summary>
    public string Text =>
        AtLeast == AtMost ? Number(AtLeast)
        : double.IsInfinity(AtLeast) ? $"<= {Number(AtMost)}"
        : double.IsInfinity(AtMost) ? $">= {Number(AtLeast)}"
        : $"{Number(AtLeast)} to {Number(AtMost)}";

    /// <summary>The tolerance.</summary>
    public string ToleranceText =>
        Percent != 0 ? $"{Number(Percent)} %"
        : Within != 0 ? $"+-{Number(Within)}"
        : AtLeast == AtMost ? "exact"
        : string.Empty;

    /// <summary>The expectation of a check.</summary>
    /// <param name="check">The check.</param>
    /// <param name="percent">The tolerance where the check has none.</param>
    public static Expectation Of(TargetCheck check, double? percent)
    {
        ArgumentNullException.ThrowIfNull(check);
        double within = check.Within ?? 0;
        return new Expectation(
            check.Expected ?? check.AtLeast ?? double.NegativeInfinity,
            check.Expected ?? check.AtMost ?? double.PositiveInfinity,
            check.Percent ?? (within == 0 ? percent ?? 0 : 0),
            within);
    }

    /// <summary>Whether a value is near enough.</summary>
    /// <param name="value">The value.</param>
    public bool Admits(double value) =>
        value >= AtLeast - Slack(AtLeast) && value <= AtMost + Slack(AtMost);

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private double Slack(double end) =>
        double.IsInfinity(end) ? 0 : (Math.Abs(end) * Percent / 100) + Within + Rounding;
}
