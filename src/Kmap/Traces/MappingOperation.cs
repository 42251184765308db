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
