namespace X86Pae.Cli.Shootdowns;

/// <summary>The figures of one machine: means of one shootdown, in cycles.</summary>
/// <param name="Processors">CPUs, the initiator included.</param>
/// <param name="Targets">CPUs that are interrupted.</param>
/// <param name="Messages">Interrupt messages sent.</param>
/// <param name="Cycles">The initiator's time.</param>
/// <param name="Parts">What it is made of, by name; the parts add up to it.</param>
/// <param name="TargetCycles">Time of all targets together.</param>
internal sealed record ShootdownPointDocument(
    int Processors, int Targets, double Messages, double Cycles, IReadOnlyDictionary<string, double> Parts, double TargetCycles);
