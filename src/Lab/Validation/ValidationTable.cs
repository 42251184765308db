using X86Pae.Timing;

namespace X86Pae.Lab.Validation;

/// <summary>Runs the experiment of each figure.</summary>
public static class ValidationTable
{
    /// <summary>Measures everything, in the order of the targets.</summary>
    /// <param name="targets">The targets.</param>
    /// <returns>The results, one after another as they are measured.</returns>
    public static IEnumerable<CheckResult> Measure(IEnumerable<Target> targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return MeasureEach(targets);
    }

    private static IEnumerable<CheckResult> MeasureEach(IEnumerable<Target> targets)
    {
        var models = new Dictionary<string, CpuModel>();
        foreach (Target target in targets)
        {
            foreach (TargetCheck check in target.Checks)
            {
                string name = check.Model ?? target.Model
                    ?? throw new InvalidOperationException($"A check of {target.Id} names no CPU model.");
                if (!models.TryGetValue(name, out CpuModel? model))
                {
                    model = ValidationModels.Find(name)
                        ?? throw new InvalidOperationException($"{target.Id}: there is no CPU model {name}.");
                    models.Add(name, model);
                }

                NamedExperiment experiment = NamedExperiments.All[check.Experiment ?? target.Experiment];
                int[] arguments = [.. target.Arguments ?? [], .. check.Arguments ?? []];
                yield return new CheckResult(
                    target.Id,
                    check.Tier ?? target.Tier,
                    name,
                    experiment.Describe(arguments),
                    Expectation.Of(check, target.Percent),
                    experiment.Measure(model, arguments),
                    check.Reason,
                    target.Source);
            }
        }
    }
}
