using X86Pae.Kmap.Kernel;

namespace X86Pae.Lab.Comparison;

/// <summary>One step of a workload, said without reference to any strategy.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Cpu">The CPU, from 0.</param>
/// <param name="Task">The task, from 0; the task numbered like a CPU is that CPU's idle task.</param>
/// <param name="Mapping">The mapping that is made or given up, from 0; each is made once.</param>
/// <param name="Frame">The page, for a map.</param>
/// <param name="Microseconds">When; a CPU that is done early idles until then.</param>
public readonly record struct WorkloadStep(
    WorkloadStepKind Kind, int Cpu, int Task, int Mapping, PageFrame Frame, long Microseconds);
