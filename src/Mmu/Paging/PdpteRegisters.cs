// The four PDPTE registers. Intel SDM vol. 3, 4.4.1, table 4-8.
//
//   63            M  M-1                12  11  9  8    5   4   3   2  1   0
//  +---------------+---------------------+------+--------+---+---+------+---+
//  | reserved      | page directory      | avl  |reserved|PCD|PWT| rsvd | P |
//  +---------------+---------------------+------+--------+---+---+------+---+
//
//  No R/W, U/S, A, D or XD: bit 63 is reserved whatever EFER.NXE says.

using System.Runtime.CompilerServices;
using X86Pae.Memory;

namespace X86Pae.Paging;

/// <summary>The page-directory-pointer-table entries as the last load left them; entry n maps linear GiB n.</summary>
[InlineArray(Count)]
internal struct PdpteRegisters
{
    /// <summary>Number of registers.</summary>
    public const int Count = 4;

    /// <summary>Reserved bits below the address field: 2:1 and 8:5.</summary>
    public const ulong ReservedLow = 0x1E6;

    private ulong _first;

    /// <summary>Reads the four entries and checks them; a load is done as a whole or not at all.</summary>
    /// <typeparam name="TBus">The memory that holds the table.</typeparam>
    /// <param name="bus">The memory that holds the table.</param>
    /// <param name="cr3">CR3; the table begins at its bits 31:5.</param>
    /// <param name="addressMask">Bits of a physical address that reach memory.</param>
    /// <param name="refusedBits">Bits that an entry must not have.</param>
    /// <param name="checksNotPresent">Whether an entry with P = 0 is checked as well.</param>
    /// <param name="loaded">The entries; of no meaning where the load is refused.</param>
    /// <returns>False for #GP(0): an entry has a bit that it must not have.</returns>
    public static bool TryLoad<TBus>(
        ref TBus bus, uint cr3, ulong addressMask, ulong refusedBits, bool checksNotPresent, out PdpteRegisters loaded)
        where TBus : struct, IBus, allows ref struct
    {
        loaded = default;
        for (int i = 0; i < Count; i++)
        {
            ulong entry = bus.LoadEntry64(((cr3 & 0xFFFF_FFE0) + (8u * (uint)i)) & addressMask);
            bool isChecked = (entry & EntryBits.Present) != 0 || checksNotPresent;
            if (isChecked && (entry & refusedBits) != 0)
            {
                return false;
            }

            loaded[i] = entry;
        }

        return true;
    }
}
