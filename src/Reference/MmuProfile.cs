using X86Pae.Reference.Specification;

namespace X86Pae.Reference;

/// <summary>What an MMU can do beyond translation. Whatever is not declared is left out of a check, and the report says so.</summary>
[Flags]
public enum MmuCapabilities
{
    /// <summary>Nothing but translation.</summary>
    None = 0,

    /// <summary>Paging with PAE.</summary>
    PaePaging = 1 << 0,

    /// <summary>Two-level paging.</summary>
    TwoLevelPaging = 1 << 1,

    /// <summary>Illegal register writes raise #GP(0), and registers read back as the manual says (rule C72).</summary>
    RegisterChecks = 1 << 2,

    /// <summary>IA32_PAT, and the PAT index of a page in the outcome.</summary>
    Pat = 1 << 3,

    /// <summary>Outcomes tell the rights, D, G and the size of the page.</summary>
    Attributes = 1 << 4,

    /// <summary><see cref="IMmuAdapter.Probe"/>.</summary>
    Probe = 1 << 5,

    /// <summary><see cref="IMmuAdapter.Access"/> and <see cref="IMmuAdapter.CompareExchange"/>.</summary>
    Operands = 1 << 6,

    /// <summary><see cref="IMmuAdapter.SwitchTask"/>.</summary>
    TaskSwitch = 1 << 7,

    /// <summary><see cref="IMmuAdapter.SetA20Masked"/>.</summary>
    A20 = 1 << 8,

    /// <summary>Several processors that share a memory: <see cref="MmuSetup.SharesMemoryWith"/>.</summary>
    Peers = 1 << 9,

    /// <summary><see cref="MmuSetup.PdpteLoadWidth"/>.</summary>
    PdpteLoadWidth = 1 << 10,

    /// <summary>Everything.</summary>
    All = (1 << 11) - 1,
}

/// <summary>What an MMU is: by this the checks choose what to ask of it.</summary>
public sealed record MmuProfile
{
    /// <summary>Abilities; both kinds of paging and the checks of register writes unless it says otherwise.</summary>
    public MmuCapabilities Capabilities { get; init; } =
        MmuCapabilities.PaePaging | MmuCapabilities.TwoLevelPaging | MmuCapabilities.RegisterChecks;

    /// <summary>The CPUID features that the MMU has at most: 36 physical address bits and no others unless it says otherwise.</summary>
    public SpecFeatures Features { get; init; } = new(36)
    {
        Pse36 = false,
        Pat = false,
        Nx = false,
        Smep = false,
        Smap = false,
        Invpcid = false,
    };

    /// <summary>Whether the features are always those; otherwise each scenario chooses some of them.</summary>
    public bool FeaturesAreFixed { get; init; } = true;

    /// <summary>The choices that the MMU makes where the architecture leaves one; null if it follows <see cref="MmuSetup.Options"/>.</summary>
    public SpecOptions? Options { get; init; } = new();

    /// <summary>Largest physical memory that an adapter can have, in bytes, a multiple of 4096; at least 2 MiB for the recorded walks.</summary>
    public ulong MaxMemorySizeInBytes { get; init; } = 1UL << 22;

    /// <summary>Whether all of some abilities are declared.</summary>
    /// <param name="capabilities">The abilities.</param>
    public bool Has(MmuCapabilities capabilities) => (Capabilities & capabilities) == capabilities;
}

/// <summary>What an adapter is created with.</summary>
public sealed record MmuSetup
{
    /// <summary>CPUID features; those of the profile, or some of them.</summary>
    public required SpecFeatures Features { get; init; }

    /// <summary>Choices that the architecture leaves open; those of the profile if it has any.</summary>
    public required SpecOptions Options { get; init; }

    /// <summary>Size of the physical memory in bytes, all zeros at first; a multiple of 4096.</summary>
    public required ulong MemorySizeInBytes { get; init; }

    /// <summary>What each byte beyond the end of the memory reads as; writes there are dropped.</summary>
    public byte OpenBus { get; init; } = 0xFF;

    /// <summary>Another processor, whose memory this one shares; null for the first.</summary>
    public IMmuAdapter? SharesMemoryWith { get; init; }

    /// <summary>
    /// Width of physical addresses that a PDPTE load assumes for its check; null for MAXPHYADDR. Set only for the recorded walks,
    /// whose recorders had 40 there.
    /// </summary>
    public int? PdpteLoadWidth { get; init; }

    /// <summary>Translation caches of the library's own MMU.</summary>
    internal CacheSetup? Caches { get; init; }
}
