using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Traces;

namespace X86Pae.Lab.Comparison;

/// <summary>Single-page mappings to be served by one strategy after another.</summary>
/// <remarks>
/// A recording's kmap_local and kmap mappings in the order in which they took effect, with its context switches. What maps
/// several pages at consecutive addresses (vmap, vm_map_ram) is left out: only vmap can serve it.
/// </remarks>
public sealed class Workload
{
    private Workload(string name, int processors, int tasks, int mappings, WorkloadStep[] steps, long leftOut)
    {
        Name = name;
        Processors = processors;
        Tasks = tasks;
        Mappings = mappings;
        Steps = steps;
        MultiPageMappingsLeftOut = leftOut;
    }

    /// <summary>What it is called in reports.</summary>
    public string Name { get; }

    /// <summary>Number of CPUs.</summary>
    public int Processors { get; }

    /// <summary>Number of tasks, idle tasks included.</summary>
    public int Tasks { get; }

    /// <summary>Number of mappings made.</summary>
    public int Mappings { get; }

    /// <summary>Recorded vmap and vm_map_ram calls that are not part of it.</summary>
    public long MultiPageMappingsLeftOut { get; }

    /// <summary>The steps, in order.</summary>
    public ReadOnlyMemory<WorkloadStep> Steps { get; }

    /// <summary>Takes the single-page mappings of a recording.</summary>
    /// <param name="trace">The recording, from its beginning; it is read to its end.</param>
    /// <param name="name">What to call the workload.</param>
    /// <exception cref="TraceFormatException">The recording cannot be understood.</exception>
    public static Workload FromTrace(MappingTrace trace, string name)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(name);
        int processors = trace.CpuCount ?? 0;
        var steps = new List<WorkloadStep>();
        var tasks = new Dictionary<TaskId, int>();
        var mappings = new Dictionary<int, int>();
        while (trace.TryRead(out MappingOperation operation))
        {
            processors = Math.Max(processors, operation.Cpu + 1);
            switch (operation.Kind)
            {
                case MappingOperationKind.LocalMap or MappingOperationKind.PoolMap:
                    mappings.Add(operation.Mapping, mappings.Count);
                    Add(WorkloadStepKind.Map, in operation);
                    break;
                case MappingOperationKind.LocalUnmap or MappingOperationKind.PoolUnmap when operation.Mapping != 0:
                    Add(WorkloadStepKind.Unmap, in operation);
                    break;
                case MappingOperationKind.Switch:
                    Add(WorkloadStepKind.Switch, in operation);
                    break;
            }
        }

        // The idle tasks take the first numbers, so that they are known before anything ran.
        WorkloadStep[] numbered = [.. steps.Select(step => step with { Task = Number(step.Task, processors) })];
        long leftOut = trace.CountOf(TraceEventKind.Vmap) + trace.CountOf(TraceEventKind.VmMapRam);
        return new Workload(name, processors, processors + tasks.Count, mappings.Count, numbered, leftOut);

        void Add(WorkloadStepKind kind, in MappingOperation operation)
        {
            TaskId task = operation.Task;
            int number = task.Pid == 0 ? -1 - task.IdleCpu : tasks.GetValueOrDefault(task, tasks.Count);
            if (task.Pid != 0)
            {
                tasks[task] = number;
            }

            int mapping = kind == WorkloadStepKind.Switch ? 0 : mappings[operation.Mapping];
            steps.Add(new WorkloadStep(kind, operation.Cpu, number, mapping, operation.Frame, operation.Microseconds));
        }
    }

    private static int Number(int provisional, int processors) =>
        provisional < 0 ? -1 - provisional : processors + provisional;
}

/// <summary>One step of a workload, said without reference to any strategy.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Cpu">The CPU, from 0.</param>
/// <param name="Task">The task, from 0; the task numbered like a CPU is that CPU's idle task.</param>
/// <param name="Mapping">The mapping that is made or given up, from 0; each is made once.</param>
/// <param name="Frame">The page, for a map.</param>
/// <param name="Microseconds">When; a CPU that is done early idles until then.</param>
public readonly record struct WorkloadStep(
    WorkloadStepKind Kind, int Cpu, int Task, int Mapping, PageFrame Frame, long Microseconds);

/// <summary>A step of a workload.</summary>
public enum WorkloadStepKind : byte
{
    /// <summary>A task maps a page.</summary>
    Map,

    /// <summary>A task gives a mapping up.</summary>
    Unmap,

    /// <summary>A task begins to run on a CPU.</summary>
    Switch,
}
