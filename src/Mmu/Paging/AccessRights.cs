// Access rights. Intel SDM vol. 3, 4.6.1. An access is allowed unless a row denies it.
//
//   access            denied when
//   user read         U = 0
//   user write        U = 0 or W = 0                              (CR0.WP does not matter)
//   user fetch        U = 0 or XD
//   supervisor read   U = 1 and SMAP and not (AC and explicit)
//   supervisor write  U = 1 and SMAP and not (AC and explicit), or W = 0 and CR0.WP
//   supervisor fetch  XD, or U = 1 and SMEP
//
// A verdict depends on three bits of the page (W, U, XD) and on one of eight classes of access (see Access). So all verdicts of
// one control state fit a 64-bit word: bit 8 * class + (W | U << 1 | XD << 2) is set where the access is denied.

namespace X86Pae.Paging;

/// <summary>The access-rights rules of the paging unit: a function of control state, access and page.</summary>
internal static class AccessRights
{
    private const byte Writes = 0b1010_0010; // bit n is set if accesses of class n write

    /// <summary>Computes the 64 verdicts for one control state.</summary>
    /// <param name="writeProtect">CR0.WP.</param>
    /// <param name="smep">CR4.SMEP.</param>
    /// <param name="smap">CR4.SMAP.</param>
    /// <returns>Bit 8 * class + (W | U &lt;&lt; 1 | XD &lt;&lt; 2) is set where the access is denied.</returns>
    public static ulong ComputeDenied(bool writeProtect, bool smep, bool smap)
    {
        // One byte for each condition, bit n of it for the rights combination n.
        const ulong UserPage = 0b1100_1100;
        const ulong SupervisorPage = 0b0011_0011;
        const ulong ReadOnly = 0b0101_0101;
        const ulong ExecuteDisable = 0b1111_0000;

        ulong smapDenies = smap ? UserPage : 0;
        ulong writeProtectDenies = writeProtect ? ReadOnly : 0;
        ReadOnlySpan<ulong> byClass =
        [
            SupervisorPage,
            SupervisorPage | ReadOnly,
            SupervisorPage | ExecuteDisable,
            ExecuteDisable | (smep ? UserPage : 0),
            smapDenies,
            smapDenies | writeProtectDenies,
            0,
            writeProtectDenies,
        ];

        ulong denied = 0;
        for (int i = 0; i < byClass.Length; i++)
        {
            denied |= byClass[i] << (8 * i);
        }

        return denied;
    }

    /// <summary>The verdicts for one class of access to cached pages. A write must not use a page whose D is clear.</summary>
    /// <param name="denied">The word of <see cref="ComputeDenied"/>.</param>
    /// <param name="accessClass">The class, 0 to 7.</param>
    /// <returns>Bit n is set where a page of <see cref="VerdictIndex"/> n must not serve the access.</returns>
    public static uint RefusedTo(ulong denied, int accessClass)
    {
        uint ifDirty = (uint)(denied >> (8 * accessClass)) & 0xFF;
        return (ifDirty << 8) | (IsWriteClass(accessClass) ? 0xFF : ifDirty);
    }

    /// <summary>Whether accesses of a class write.</summary>
    /// <param name="accessClass">The class, 0 to 7.</param>
    public static bool IsWriteClass(int accessClass) => ((Writes >> accessClass) & 1) != 0;

    /// <summary>
    /// The bits of a page that decide whether it serves an access: W | U &lt;&lt; 1 | XD &lt;&lt; 2 | D &lt;&lt; 3.
    /// </summary>
    /// <param name="page">Attributes of the page; other bits are ignored.</param>
    public static uint VerdictIndex(uint page) => JoinVerdictIndex((PageAttributes)page & (PageAttributes)7, (PageAttributes)page);

    /// <summary>The <see cref="VerdictIndex"/> of a page whose rights and leaf attributes are in two words.</summary>
    /// <param name="rights">W, U and XD; no other bit is set.</param>
    /// <param name="leaf">D of the leaf; other bits are ignored.</param>
    public static uint JoinVerdictIndex(PageAttributes rights, PageAttributes leaf) => (uint)rights | (((uint)leaf >> 3) & 8);

    /// <summary>Whether the rights of a page deny an access.</summary>
    /// <param name="denied">The word of <see cref="ComputeDenied"/>.</param>
    /// <param name="access">The access.</param>
    /// <param name="page">Attributes of the page; W, U and XD count.</param>
    public static bool Denies(ulong denied, Access access, PageAttributes page) =>
        DeniesRights(denied, access, (uint)page & 7);

    /// <summary>Whether rights deny an access.</summary>
    /// <param name="denied">The word of <see cref="ComputeDenied"/>.</param>
    /// <param name="access">The access.</param>
    /// <param name="rights">W | U &lt;&lt; 1 | XD &lt;&lt; 2; no other bit is set.</param>
    public static bool DeniesRights(ulong denied, Access access, uint rights) =>
        ((denied >> (access.DeniedShift + (int)rights)) & 1) != 0;

    /// <summary>The classes of access that a cached page may serve. A write must not use a page whose D is clear.</summary>
    /// <param name="denied">The word of <see cref="ComputeDenied"/>.</param>
    /// <param name="page">Attributes of the page; W, U, XD and D count.</param>
    /// <returns>Bit n is set where the page may serve accesses of class n.</returns>
    public static byte AllowedClasses(ulong denied, PageAttributes page)
    {
        const ulong EachClass = 0x0101_0101_0101_0101;
        const ulong GatherToTop = 0x0102_0408_1020_4080;
        ulong refused = (denied >> ((int)page & 7)) & EachClass;
        var classes = (byte)((refused * GatherToTop) >> 56);
        return (byte)~(classes | ((page & PageAttributes.Dirty) == 0 ? Writes : 0));
    }
}
