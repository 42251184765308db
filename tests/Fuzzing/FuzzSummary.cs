namespace X86Pae.Fuzzing;

/// <summary>What a run came to.</summary>
/// <param name="Scenarios">Number of scenarios.</param>
/// <param name="Passed">Number of cases that passed.</param>
/// <param name="Failed">Number of cases that failed; each ends its scenario.</param>
/// <param name="Smallest">The smallest failing scenario that was found, if any failed.</param>
/// <param name="Statistics">What the accesses came to.</param>
public sealed record FuzzSummary(long Scenarios, long Passed, long Failed, FuzzFailure? Smallest, ScenarioStatistics Statistics);
