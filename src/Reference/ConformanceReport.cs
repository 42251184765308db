namespace X86Pae.Reference;

/// <summary>One thing that an MMU does wrong, by the smallest case that shows it.</summary>
/// <param name="Case">Which case: its number or place.</param>
/// <param name="Rule">The rule that is broken; null where none can be told, as for an exception of the adapter.</param>
/// <param name="Mismatch">What was expected, and what came.</param>
/// <param name="Setup">Features, choices and memory.</param>
/// <param name="Steps">What to do from reset on; the last step goes wrong.</param>
public sealed record ConformanceFailure(string Case, Rule? Rule, string Mismatch, string Setup, IReadOnlyList<string> Steps);

/// <summary>What translations alone came to, so that a check that never gets anywhere does not go unnoticed.</summary>
/// <param name="Translated">Number that reached a page.</param>
/// <param name="NotPresent">Number that found an entry not present.</param>
/// <param name="Reserved">Number that found a reserved bit.</param>
/// <param name="Denied">Number that lacked a right.</param>
/// <param name="Stale">Number whose outcome was not that of memory as it was, but permitted.</param>
public readonly record struct ConformanceOutcomes(long Translated, long NotPresent, long Reserved, long Denied, long Stale);

/// <summary>What a check found.</summary>
public sealed class ConformanceReport
{
    private readonly string _title;
    private readonly MmuProfile _profile;

    internal ConformanceReport(string title, MmuProfile profile)
    {
        _title = title;
        _profile = profile;
    }

    /// <summary>Whether nothing failed.</summary>
    public bool Passes => Failed == 0;

    /// <summary>Number of scenarios; 0 for recorded walks.</summary>
    public long Scenarios { get; internal init; }

    /// <summary>Number of cases that passed.</summary>
    public long Passed { get; internal init; }

    /// <summary>Number of cases that failed; in a random scenario each ends its scenario, the rest of which is not counted.</summary>
    public long Failed { get; internal init; }

    /// <summary>Number of cases that were left out, by what they need that the profile does not declare.</summary>
    public IReadOnlyDictionary<string, long> LeftOut { get; internal init; } = new Dictionary<string, long>();

    /// <summary>What translations came to; zeros for recorded walks.</summary>
    public ConformanceOutcomes Outcomes { get; internal init; }

    /// <summary>
    /// Some of the cases that failed: of random scenarios those that were reduced, the smallest first; of recorded walks the first ten.
    /// </summary>
    public IReadOnlyList<ConformanceFailure> Failures { get; internal init; } = [];

    /// <summary>Features and abilities that the profile does not declare and that nothing was therefore asked of.</summary>
    public IReadOnlyList<string> NotChecked => [.. Undeclared()];

    /// <summary>The report as lines of text, with one failure for each rule that is broken.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Lines());

    private IEnumerable<string> Lines()
    {
        yield return $"{_title}: {Passed} passed, {Failed} failed, {LeftOut.Values.Sum()} left out";
        foreach ((string need, long count) in LeftOut)
        {
            yield return $"  left out: {count} of {need}";
        }

        if (Scenarios > 0 && NotChecked.Count > 0)
        {
            yield return $"  not declared, and so not checked: {string.Join(", ", NotChecked)}";
        }

        foreach (ConformanceFailure failure in Failures.DistinctBy(failure => failure.Rule))
        {
            yield return "";
            yield return $"FAILED {failure.Rule?.ToString() ?? "(no rule can be told)"}";
            yield return $"  {failure.Case}: {failure.Mismatch.ReplaceLineEndings(Environment.NewLine + "  ")}";
            yield return $"  {failure.Setup}";
            foreach (string step in failure.Steps)
            {
                yield return $"    {step}";
            }
        }
    }

    private IEnumerable<string> Undeclared()
    {
        (bool Declared, string Name)[] all =
        [
            (_profile.Features.Pge, "global pages"),
            (_profile.Features.Pat, "PAT"),
            (_profile.Features.Pse36, "PSE-36"),
            (_profile.Features.Nx, "NX"),
            (_profile.Features.Smep, "SMEP"),
            (_profile.Features.Smap, "SMAP"),
            (_profile.Features.Invpcid, "INVPCID"),
            (_profile.Has(MmuCapabilities.PaePaging), "PAE paging"),
            (_profile.Has(MmuCapabilities.TwoLevelPaging), "two-level paging"),
            (_profile.Has(MmuCapabilities.RegisterChecks), "legality of register writes"),
            (_profile.Has(MmuCapabilities.Attributes), "attributes of pages"),
            (_profile.Has(MmuCapabilities.Operands), "accesses to data"),
            (_profile.Has(MmuCapabilities.TaskSwitch), "task switches"),
            (_profile.Has(MmuCapabilities.A20), "A20M#"),
            (_profile.Has(MmuCapabilities.Peers), "several processors"),
        ];
        return all.Where(one => !one.Declared).Select(one => one.Name);
    }
}
