using X86Pae.Paging;

namespace X86Pae.Tests.Tlb;

/// <summary>Control states for tests of caches that no MMU drives.</summary>
internal static class PagingStates
{
    /// <summary>PAE paging, and more.</summary>
    public static PagingState Pae(Cr0 cr0 = Cr0.None, Cr4 cr4 = 0) => new(
        CpuFeatures.Full40,
        PagingOptions.Default,
        Cr0.Paging | Cr0.ProtectionEnable | cr0,
        0x1000,
        Cr4.PhysicalAddressExtension | cr4,
        default,
        default,
        ulong.MaxValue);
}
