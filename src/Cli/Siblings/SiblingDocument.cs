namespace X86Pae.Cli.Siblings;

/// <summary>The figures of a sibling experiment as they are written to a file.</summary>
/// <param name="Cpu">CPU model.</param>
/// <param name="Rows">The figures, each for one access.</param>
internal sealed record SiblingDocument(string Cpu, IReadOnlyList<SiblingRow> Rows);
