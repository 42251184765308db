namespace X86Pae.Kmap.Replay;

/// <summary>A place where the emulated kernel did something else than the recorded one.</summary>
/// <param name="Line">Line of the recording.</param>
/// <param name="Message">What was recorded, and what happened.</param>
public readonly record struct ReplayFailure(long Line, string Message);
