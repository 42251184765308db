namespace X86Pae.Cli.Shootdowns;

/// <summary>What shootdowns take on a machine of one size.</summary>
/// <param name="Processors">CPUs of the machine, the initiator included.</param>
/// <param name="Count">Shootdowns made.</param>
/// <param name="Sum">Targets, messages and parts of all of them together.</param>
internal sealed record ShootdownPoint(int Processors, long Count, ShootdownSum Sum)
{
    /// <summary>Targets of one shootdown.</summary>
    public int Targets => Processors - 1;

    /// <summary>Messages of one shootdown.</summary>
    public double Messages => Sum.Messages / (double)Count;

    /// <summary>The initiator's cycles for one shootdown.</summary>
    public double Total => Sum.Cycles.Sum() / (double)Count;

    /// <summary>Cycles of all targets together for one shootdown.</summary>
    public double TargetCycles => Sum.TargetCycles / (double)Count;

    /// <summary>The mean of one part over all shootdowns.</summary>
    /// <param name="part">Its place in <see cref="ShootdownPart.All"/>.</param>
    public double Mean(int part) => Sum.Cycles[part] / (double)Count;
}
