namespace X86Pae.Cli.Validation;

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
