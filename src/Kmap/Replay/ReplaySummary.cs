using X86Pae.Kmap.Kernel;

namespace X86Pae.Kmap.Replay;

/// <summary>What a replay did, and how many of the recorded results it reproduced.</summary>
public sealed record ReplaySummary
{
    /// <summary>Addresses returned by kmap_local in the recording.</summary>
    public required long LocalAddresses { get; init; }

    /// <summary>Addresses returned by kmap in the recording.</summary>
    public required long PoolAddresses { get; init; }

    /// <summary>Whole-pool flushes in the recording.</summary>
    public required long PoolFlushes { get; init; }

    /// <summary>Recorded results that were reproduced: each address, and each flush with the CPUs that ran it, is one.</summary>
    public required long Passed { get; init; }

    /// <summary>Recorded results that were not, and things the emulated kernel did that were not recorded.</summary>
    public required long Failed { get; init; }

    /// <summary>Switches of a task that held local mappings.</summary>
    public required long SwitchesWithMappings { get; init; }

    /// <summary>Unmaps whose map was made before the recording began; they were left out.</summary>
    public required long UnmapsOfEarlierMaps { get; init; }

    /// <summary>What the kernel's mapping code did.</summary>
    public required KernelCounts Kernel { get; init; }

    /// <summary>INVLPG executed.</summary>
    public required long Invlpgs { get; init; }

    /// <summary>Interprocessor interrupts sent.</summary>
    public required long IpisSent { get; init; }
}

/// <summary>A place where the emulated kernel did something else than the recorded one.</summary>
/// <param name="Line">Line of the recording.</param>
/// <param name="Message">What was recorded, and what happened.</param>
public readonly record struct ReplayFailure(long Line, string Message);
