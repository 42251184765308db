using X86Pae.Kmap.Kernel;

namespace X86Pae.Kmap.Traces;

/// <summary>One operation of a recorded kernel, with what it was given and, for comparison only, what it returned.</summary>
public readonly record struct MappingOperation
{
    /// <summary>What is done.</summary>
    public required MappingOperationKind Kind { get; init; }

    /// <summary>Line of the recording, from 1.</summary>
    public required long Line { get; init; }

    /// <summary>The CPU, from 0.</summary>
    public required int Cpu { get; init; }

    /// <summary>The task; the one that arrives, for a switch.</summary>
    public required TaskId Task { get; init; }

    /// <summary>The task that leaves, for a switch.</summary>
    public TaskId Previous { get; init; }

    /// <summary>Recorded time in microseconds.</summary>
    public required long Microseconds { get; init; }

    /// <summary>
    /// Number of the mapping, from 1, the same for its map and its unmap; 0 for an unmap whose map was not recorded.
    /// </summary>
    public int Mapping { get; init; }

    /// <summary>The page, for a map or an unmap.</summary>
    public PageFrame Frame { get; init; }

    /// <summary>The address that was returned or passed, 0 where the recording has none.</summary>
    public uint RecordedAddress { get; init; }

    /// <summary>The flush that a kmap did on the way; its line is 0 if it did none.</summary>
    public RecordedFlush Flush { get; init; }
}

/// <summary>An operation of a recorded kernel on its temporary mappings, at the moment it takes effect.</summary>
public enum MappingOperationKind : byte
{
    /// <summary>kmap_local maps a page.</summary>
    LocalMap,

    /// <summary>kmap_local returns: what the kernel's address was.</summary>
    LocalMapped,

    /// <summary>kunmap_local.</summary>
    LocalUnmap,

    /// <summary>kmap maps a page.</summary>
    PoolMap,

    /// <summary>kmap returns: what the kernel's address was, and which flush it did on the way.</summary>
    PoolMapped,

    /// <summary>kunmap.</summary>
    PoolUnmap,

    /// <summary>A CPU switches from one task to another.</summary>
    Switch,
}

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

/// <summary>A flush of kernel addresses as it was recorded: one flush_tlb_kernel_range and the do_flush_tlb_all it led to.</summary>
/// <param name="Line">Line of the flush_tlb_kernel_range; 0 if there was none.</param>
/// <param name="Start">First address.</param>
/// <param name="End">End of the range.</param>
/// <param name="Processors">CPUs that ran a full flush before the call returned, bit n for CPU n.</param>
public readonly record struct RecordedFlush(long Line, uint Start, uint End, ulong Processors);
