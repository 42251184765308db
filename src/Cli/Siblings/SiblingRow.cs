using X86Pae.Lab.Experiments;

namespace X86Pae.Cli.Siblings;

/// <summary>What accesses of one kind to so many pages cost a thread.</summary>
/// <param name="Access">What it does: load or fetch.</param>
/// <param name="Pages">Pages that it uses.</param>
/// <param name="Alone">Without SMT.</param>
/// <param name="Idle">With a sibling that does nothing.</param>
/// <param name="Busy">With a sibling that does the same on as many other pages.</param>
internal sealed record SiblingRow(string Access, int Pages, SiblingResult Alone, SiblingResult Idle, SiblingResult Busy);
