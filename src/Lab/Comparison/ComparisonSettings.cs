using X86Pae.Kmap.Kernel;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Comparison;

/// <summary>What a comparison is run on and with.</summary>
/// <param name="Model">The processors.</param>
public sealed record ComparisonSettings(CpuModel Model)
{
    /// <summary>What is read through each mapping.</summary>
    public Touch Touch { get; init; } = Touch.Once;

    /// <summary>What the data caches hold before each mapping.</summary>
    public CacheState Caches { get; init; }

    /// <summary>The kernel's layout; null for the recorded kernels'.</summary>
    public KernelLayout? Layout { get; init; }

    /// <summary>How the machine carries out shootdowns, and whether its processors are siblings; null for the defaults.</summary>
    public ShootdownOptions? Shootdown { get; init; }

    /// <summary>Boots a kernel by these settings.</summary>
    /// <param name="processors">Number of CPUs, 1 to the number that the layout is for.</param>
    internal GuestKernel Boot(int processors) => GuestKernel.Boot(Model, processors, Layout, Shootdown);
}

/// <summary>What is read through each mapping while it lives.</summary>
public enum Touch : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The first eight bytes of the page.</summary>
    Once,

    /// <summary>Eight bytes of each cache line of the page.</summary>
    Page,
}

/// <summary>What the data caches of a CPU hold when it maps a page.</summary>
public enum CacheState
{
    /// <summary>What earlier mappings left there: nothing but mappings happens.</summary>
    Hot,

    /// <summary>Nothing: what the program does between two mappings has taken all room.</summary>
    Cold,
}
