namespace X86Pae.Kmap.Traces;

/// <summary>A recorded task. The idle tasks of all CPUs have PID 0, so they are told apart by their CPU.</summary>
/// <param name="Pid">Process identifier.</param>
/// <param name="IdleCpu">The CPU for PID 0, otherwise -1.</param>
public readonly record struct TaskId(int Pid, int IdleCpu)
{
    /// <summary>The task with a PID on a CPU.</summary>
    /// <param name="pid">Process identifier.</param>
    /// <param name="cpu">The CPU it runs on.</param>
    public static TaskId On(int pid, int cpu) => new(pid, pid == 0 ? cpu : -1);
}
