using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>A page-table entry that a walk has read, decoded.</summary>
public sealed record ExplainedEntry
{
    internal ExplainedEntry()
    {
    }

    /// <summary>Its level.</summary>
    public required WalkLevel Level { get; init; }

    /// <summary>What it is: a pointer to a table, or the map of a page.</summary>
    public required EntryFormat Format { get; init; }

    /// <summary>Whether the walk takes it from memory, a register or the PDE cache.</summary>
    public required EntrySource Source { get; init; }

    /// <summary>Its number in its table: a PDPTE 0 to 3, a PDE or PTE 0 to 511, or 0 to 1023 in two-level paging.</summary>
    public required int Index { get; init; }

    /// <summary>Its physical byte address. A PDPTE register or a cached entry has the address of the entry in memory.</summary>
    public required ulong Address { get; init; }

    /// <summary>Its value, zero-extended in two-level paging.</summary>
    public required ulong Raw { get; init; }

    /// <summary>
    /// Physical byte address of the table or page that it points to; of no meaning unless <see cref="IsUsable"/> is true.
    /// </summary>
    public required ulong Target { get; init; }

    /// <summary>
    /// A mask of the reserved bits that are set; 0 while P = 0, because the processor does not check them then.
    /// </summary>
    public required ulong ReservedBits { get; init; }

    /// <summary>U/S, R/W and XD combined from the top down to this entry; null unless <see cref="IsUsable"/> is true.</summary>
    public required PageAttributes? RightsSoFar { get; init; }

    /// <summary>Its fields from the highest to the lowest; each bit of the entry belongs to one field.</summary>
    internal IReadOnlyList<EntryField> Fields { get; init; } = [];

    /// <summary>Whether P is set.</summary>
    public bool IsPresent => (Raw & EntryBits.Present) != 0;

    /// <summary>Whether it is present and has no reserved bit set.</summary>
    public bool IsUsable => IsPresent && ReservedBits == 0;

    /// <summary>Gives the value of a field that the processor uses.</summary>
    /// <param name="name">
    /// Its name in the Intel SDM: P, R/W, U/S, PWT, PCD, A, D, PS, PAT, G, XD; <c>avl</c> for the bits that software may use, or
    /// <c>base</c> for the address, of which a 4-MiB page has a second part in <c>base 39:32</c>.
    /// </param>
    /// <returns>Its value, shifted down to bit 0; null where the entry has no such field or the processor ignores it.</returns>
    public ulong? ValueOf(string name)
    {
        foreach (EntryField field in Fields)
        {
            if (field.Name == name && field.Use == FieldUse.Used)
            {
                return field.Value;
            }
        }

        return null;
    }
}

/// <summary>The format of an entry, which its level and PS decide.</summary>
public enum EntryFormat : byte
{
    /// <summary>A PDPTE, which points to a page directory (Intel SDM vol. 3, table 4-8).</summary>
    Pdpte,

    /// <summary>A PDE that points to a page table (tables 4-5 and 4-10).</summary>
    TablePde,

    /// <summary>A PDE that maps a page of 2 MiB, or of 4 MiB in two-level paging (tables 4-4 and 4-9).</summary>
    LargePagePde,

    /// <summary>A PTE, which maps a 4-KiB page (tables 4-6 and 4-11).</summary>
    Pte,
}

/// <summary>Where a walk takes an entry from.</summary>
public enum EntrySource : byte
{
    /// <summary>A table in memory.</summary>
    Memory,

    /// <summary>A PDPTE register, loaded by an earlier write of a control register.</summary>
    Register,

    /// <summary>The PDE cache, filled by an earlier walk.</summary>
    PdeCache,
}

/// <summary>A field of a page-table entry.</summary>
/// <param name="Name">Its name in the Intel SDM, as <c>R/W</c>; or <c>ignored</c>, <c>reserved</c> or <c>software</c>.</param>
/// <param name="HighBit">Its highest bit, 0 to 63.</param>
/// <param name="LowBit">Its lowest bit, 0 to 63.</param>
/// <param name="Value">Its value, shifted down to bit 0.</param>
/// <param name="Use">What the processor does with it.</param>
/// <param name="Note">Why it is reserved or ignored, where that depends on more than the format; otherwise empty.</param>
internal readonly record struct EntryField(string Name, int HighBit, int LowBit, ulong Value, FieldUse Use, string Note);

/// <summary>What the processor does with a field of an entry.</summary>
internal enum FieldUse : byte
{
    /// <summary>The processor uses it.</summary>
    Used,

    /// <summary>The processor ignores it, in this format or under the current control registers.</summary>
    Ignored,

    /// <summary>It must be 0 in a present entry.</summary>
    Reserved,
}
