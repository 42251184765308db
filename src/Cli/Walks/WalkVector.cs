namespace X86Pae.Cli.Walks;

/// <summary>One row of a file of walk vectors.</summary>
/// <param name="Number">Number of the case.</param>
/// <param name="Input">The access to make.</param>
/// <param name="Expected">What was recorded.</param>
internal readonly record struct WalkVector(int Number, WalkInput Input, WalkOutcome Expected);
