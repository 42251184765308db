namespace X86Pae.Paging;

/// <summary>Where the page-directory-pointer-table entries used by a walk come from.</summary>
public enum PdpteMode : byte
{
    /// <summary>Four registers, loaded and checked when a control register is written (Intel; AMD without nested paging).</summary>
    Registers,

    /// <summary>Memory, on each walk; a bad entry is a page fault with RSVD when it is used (AMD under nested paging; QEMU).</summary>
    WalkOnDemand,
}
