namespace X86Pae.Lab.Validation;

/// <summary>What became of one figure.</summary>
/// <param name="Id">The target.</param>
/// <param name="Tier">How binding it is.</param>
/// <param name="Model">The CPU model.</param>
/// <param name="What">What was measured.</param>
/// <param name="Expectation">What was expected.</param>
/// <param name="Measured">What the emulated machine gave.</param>
/// <param name="Reason">Why the model does not meet it, where that is known.</param>
/// <param name="Source">Where the figure was published.</param>
public sealed record CheckResult(
    string Id, Tier Tier, string Model, string What, Expectation Expectation, double Measured, string? Reason, string Source)
{
    /// <summary>Whether the measured value is as expected.</summary>
    public bool IsMet => Expectation.Admits(Measured);

    /// <summary>What it comes to.</summary>
    public Verdict Verdict =>
        IsMet ? Verdict.Holds
        : Tier == Tier.T3 ? Verdict.Differs
        : Tier == Tier.T2 && Reason is not null ? Verdict.Explained
        : Verdict.Fails;
}

/// <summary>What a figure of a target comes to.</summary>
public enum Verdict
{
    /// <summary>It is met.</summary>
    Holds,

    /// <summary>It is not met, and need not be (T3).</summary>
    Differs,

    /// <summary>It is not met, should be, and the reason why not is written down (T2).</summary>
    Explained,

    /// <summary>It is not met and must be, or should be and nobody knows why it is not.</summary>
    Fails,
}
