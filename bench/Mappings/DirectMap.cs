using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Smp;

namespace X86Pae.Bench.Mappings;

/// <summary>The floor of a mapping strategy: low memory, which is always mapped, so that only the touch is left.</summary>
/// <param name="kernel">The kernel.</param>
internal readonly struct DirectMap(GuestKernel kernel) : IMappingStrategy
{
    /// <inheritdoc/>
    public static string Name => "direct map";

    /// <inheritdoc/>
    public static MappingContract Contract => MappingContract.None;

    /// <inheritdoc/>
    public MapOutcome Map(Processor processor, PageFrame frame) => new(MapStatus.Mapped, kernel.DirectAddress(frame));

    /// <inheritdoc/>
    public UnmapStatus Unmap(Processor processor, PageFrame frame, uint address) => UnmapStatus.Unmapped;

    /// <inheritdoc/>
    public void SwitchOut(Processor processor, KernelTask task)
    {
    }

    /// <inheritdoc/>
    public void SwitchIn(Processor processor, KernelTask task)
    {
    }
}
