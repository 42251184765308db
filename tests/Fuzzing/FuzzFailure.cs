namespace X86Pae.Fuzzing;

/// <summary>A scenario in which the library did something that is not permitted, as small as could be found.</summary>
/// <param name="Number">Its number in the run, from 0.</param>
/// <param name="Scenario">What is left of it.</param>
/// <param name="Mismatch">What was expected, and what came.</param>
public sealed record FuzzFailure(long Number, Scenario Scenario, string Mismatch)
{
    public override string ToString() => $"scenario {Number}: {Mismatch}{Environment.NewLine}{Scenario}";
}
