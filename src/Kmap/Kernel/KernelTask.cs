namespace X86Pae.Kmap.Kernel;

/// <summary>A task of the emulated kernel: what a temporary mapping may belong to.</summary>
/// <remarks>Source of the mapping part: <c>struct kmap_ctrl</c> in Linux 6.12 include/linux/sched.h.</remarks>
public sealed class KernelTask
{
    internal KernelTask(int pid, int kmapMaxIndex)
    {
        Pid = pid;
        SavedEntries = new ulong[kmapMaxIndex];
    }

    /// <summary>Process identifier; 0 for the idle task of each CPU.</summary>
    public int Pid { get; }

    /// <summary>Whether it waits for something, and must not run until it is woken.</summary>
    public bool IsSleeping { get; internal set; }

    /// <summary>Number of live local mappings (kmap_ctrl.idx).</summary>
    public int LocalDepth { get; internal set; }

    /// <summary>The page-table entries of its live local mappings, by depth (kmap_ctrl.pteval).</summary>
    internal ulong[] SavedEntries { get; }
}
