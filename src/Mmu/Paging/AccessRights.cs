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

    /// <summary>Whether the rights of a page deny an access.</summary>
    /// <param name="denied">The word of <see cref="ComputeDenied"/>.</param>
    /// <param name="access">The access.</param>
    /// <param name="page">Attributes of the page; W, U and XD count.</param>
    public static bool Denies(ulong denied, Access access, PageAttributes page) =>
        ((denied >> (access.DeniedShift + ((int)page & 7))) & 1) != 0;
}
