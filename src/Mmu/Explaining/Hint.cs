namespace X86Pae.Explaining;

/// <summary>
/// A likely mistake of the guest. It is a guess from registers and memory; the result of an explanation is certain.
/// </summary>
/// <param name="Kind">The mistake.</param>
/// <param name="Text">A sentence that says what was found and what to do about it.</param>
public readonly record struct Hint(HintKind Kind, string Text)
{
    /// <summary>Gives the text.</summary>
    public override string ToString() => Text;
}

/// <summary>A frequent mistake that an explanation looks for.</summary>
public enum HintKind : byte
{
    /// <summary>CR0.PG = 0: the tables are not used.</summary>
    PagingOff,

    /// <summary>CR4.PAE = 0, but the table at CR3 looks like a PDPT.</summary>
    PaeForgotten,

    /// <summary>CR4.PAE = 1, but an entry looks like two 32-bit entries.</summary>
    TwoLevelEntries,

    /// <summary>CR3 has bits that are ignored: it is no multiple of 32 with PAE, or no multiple of 4096 without.</summary>
    MisalignedBase,

    /// <summary>R/W or U/S is set in a PDPTE in memory.</summary>
    PdpteRights,

    /// <summary>Another reserved bit is set in a PDPTE in memory.</summary>
    PdpteReservedBits,

    /// <summary>The PDPTE in memory differs from the register: it was changed, and CR3 was not written afterwards.</summary>
    PdpteNotReloaded,

    /// <summary>Bit 63 is set while EFER.NXE = 0.</summary>
    ExecuteDisableWithoutNxe,

    /// <summary>One of bits 62:52 is set. Software may use them in long mode, but with PAE they are reserved.</summary>
    LongModeBits,

    /// <summary>An entry reads as all ones: probably there is no memory at the address of its table.</summary>
    OpenBus,

    /// <summary>PS = 1 in a PDE of two-level paging while CR4.PSE = 0, so that PS is ignored.</summary>
    LargePageWithoutPse,

    /// <summary>A supervisor write to a read-only page is allowed because CR0.WP = 0.</summary>
    WriteProtectOff,

    /// <summary>A cached translation differs from the tables: they were changed, and it was not invalidated.</summary>
    StaleTranslation,

    /// <summary>A cached page-directory entry differs from the directory.</summary>
    StalePde,
}
