namespace X86Pae.Paging;

/// <summary>Whether a walk that ends in a fault leaves A set in the directory entry it went through.</summary>
public enum FaultAccessedPolicy : byte
{
    /// <summary>A is set in the PDE before the PTE is read (Intel SDM vol. 3, 6.15; QEMU).</summary>
    PdeSet,

    /// <summary>A is set only by a walk that succeeds (Bochs, KVM).</summary>
    None,
}
