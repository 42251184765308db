using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Smp;

namespace X86Pae.Lab.Experiments;

/// <summary>What kmap would cost without its pool: a slot of the pool's window that every CPU drops when it is given up.</summary>
/// <param name="kernel">The kernel.</param>
internal readonly struct UnamortisedKmap(GuestKernel kernel) : IMappingStrategy
{
    /// <inheritdoc/>
    public static string Name => "kmap without amortisation";

    /// <inheritdoc/>
    public static MappingContract Contract => MappingContract.LastInFirstOut | MappingContract.NoSleep;

    /// <inheritdoc/>
    public MapOutcome Map(Processor processor, PageFrame frame)
    {
        kernel.SetEntry(processor, kernel.Layout.PkmapBase, frame.PhysicalAddress | GuestKernel.KmapProtection);
        return MapOutcome.At(kernel.Layout.PkmapBase);
    }

    /// <inheritdoc/>
    public UnmapStatus Unmap(Processor processor, PageFrame frame, uint address)
    {
        kernel.ClearEntry(processor, address);
        kernel.FlushTlbKernelRange(processor, address, address + PageFrame.SizeInBytes);
        return UnmapStatus.Unmapped;
    }

    /// <inheritdoc/>
    public void SwitchOut(Processor processor, KernelTask task)
    {
    }

    /// <inheritdoc/>
    public void SwitchIn(Processor processor, KernelTask task)
    {
    }
}
