namespace X86Pae.Explaining;

/// <summary>A likely mistake. A guess from what is in registers and memory, where a result is a certainty.</summary>
/// <param name="Kind">The mistake.</param>
/// <param name="Text">What was found, and what to do about it.</param>
public readonly record struct Hint(HintKind Kind, string Text)
{
    /// <summary>The text.</summary>
    public override string ToString() => Text;
}

/// <summary>A frequent mistake that an explanation looks for.</summary>
public enum HintKind : byte
{
    /// <summary>CR0.PG = 0: no table is looked at.</summary>
    PagingOff,

    /// <summary>CR4.PAE = 0, but CR3 points to what looks like a PDPT.</summary>
    PaeForgotten,

    /// <summary>CR4.PAE = 1, but an entry looks like two 32-bit entries.</summary>
    TwoLevelEntries,

    /// <summary>CR3 is no multiple of 32 with PAE, and no multiple of 4096 without.</summary>
    MisalignedBase,

    /// <summary>R/W or U/S is set in a PDPTE in memory.</summary>
    PdpteRights,

    /// <summary>Another reserved bit is set in a PDPTE in memory.</summary>
    PdpteReservedBits,

    /// <summary>The PDPTE in memory is not the one in the register: it was changed without a write of CR3.</summary>
    PdpteNotReloaded,

    /// <summary>Bit 63 is set while EFER.NXE = 0.</summary>
    ExecuteDisableWithoutNxe,

    /// <summary>One of bits 62:52 is set, which are free in long mode and reserved with PAE.</summary>
    LongModeBits,

    /// <summary>An entry reads as all ones: the table is probably where no memory is.</summary>
    OpenBus,

    /// <summary>PS = 1 in a PDE of two-level paging while CR4.PSE = 0: it is ignored.</summary>
    LargePageWithoutPse,

    /// <summary>A supervisor write passes R/W = 0 because CR0.WP = 0.</summary>
    WriteProtectOff,

    /// <summary>A cached translation differs from the tables: they were changed without an invalidation.</summary>
    StaleTranslation,

    /// <summary>A cached page-directory entry differs from the directory.</summary>
    StalePde,
}
