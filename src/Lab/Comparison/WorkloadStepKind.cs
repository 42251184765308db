namespace X86Pae.Lab.Comparison;

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
