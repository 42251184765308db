namespace X86Pae.GuestRunner.Running;

/// <summary>How a run ended.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Message">What a user is told.</param>
internal readonly record struct RunEnd(RunEndKind Kind, string Message);
