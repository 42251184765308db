namespace X86Pae.Cli.Reporting;

/// <summary>Where a command writes.</summary>
/// <param name="Output">Results.</param>
/// <param name="Progress">What the command is at; shown only on a terminal.</param>
internal sealed record CommandConsole(TextWriter Output, ProgressLine Progress);
