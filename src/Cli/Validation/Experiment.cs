using X86Pae.Timing;

namespace X86Pae.Cli.Validation;

/// <summary>A way to measure something on an emulated machine, from a CPU model and some arguments alone.</summary>
/// <param name="Describe">What is measured with these arguments, in words.</param>
/// <param name="Measure">Measures it.</param>
internal sealed record Experiment(Func<int[], string> Describe, Func<CpuModel, int[], double> Measure);
