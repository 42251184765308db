using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>An entry that a walk read, decoded.</summary>
public sealed record ExplainedEntry
{
    /// <summary>Its level.</summary>
    public required WalkLevel Level { get; init; }

    /// <summary>What it is.</summary>
    public required EntryFormat Format { get; init; }

    /// <summary>Where the walk takes it from.</summary>
    public required EntrySource Source { get; init; }

    /// <summary>Its number in its table: 0 to 3, 0 to 511, or 0 to 1023 in two-level paging.</summary>
    public required int Index { get; init; }

    /// <summary>Its physical byte address; for a register or a cached entry, the address that memory has it at.</summary>
    public required ulong Address { get; init; }

    /// <summary>Its value, zero-extended in two-level paging.</summary>
    public required ulong Raw { get; init; }

    /// <summary>Physical address of the table or page it points to; meaningful only when <see cref="IsUsable"/>.</summary>
    public required ulong Target { get; init; }

    /// <summary>The reserved bits that are set; 0 while P = 0, where none is checked.</summary>
    public required ulong ReservedBits { get; init; }

    /// <summary>U, W and XD combined from the top down to this entry; null where it is not usable.</summary>
    public required PageAttributes? RightsSoFar { get; init; }

    /// <summary>Every bit of the entry, from the highest field to the lowest; each bit belongs to one field.</summary>
    public required IReadOnlyList<EntryField> Fields { get; init; }

    /// <summary>P.</summary>
    public bool IsPresent => (Raw & EntryBits.Present) != 0;

    /// <summary>Whether it is present and has no reserved bit set.</summary>
    public bool IsUsable => IsPresent && ReservedBits == 0;

    /// <summary>The value of a field that counts.</summary>
    /// <param name="name">Its name in <see cref="Fields"/>.</param>
    /// <returns>Its value; null where the entry has no such field, or ignores it.</returns>
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

/// <summary>What an entry is, by its level and PS.</summary>
public enum EntryFormat : byte
{
    /// <summary>PDPTE: points to a page directory (Intel SDM vol. 3, table 4-8).</summary>
    Pdpte,

    /// <summary>PDE that points to a page table (tables 4-5 and 4-10).</summary>
    TablePde,

    /// <summary>PDE that maps a page of 2 MiB, or of 4 MiB in two-level paging (tables 4-4 and 4-9).</summary>
    LargePagePde,

    /// <summary>PTE: maps a 4-KiB page (tables 4-6 and 4-11).</summary>
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

/// <summary>A field of a page-table entry, decoded.</summary>
/// <param name="Name">The manual's name of it, as R/W; the rest is <c>ignored</c>, <c>reserved</c> or <c>software</c>.</param>
/// <param name="HighBit">Its highest bit, 0 to 63.</param>
/// <param name="LowBit">Its lowest bit, 0 to 63.</param>
/// <param name="Value">Its value, shifted down to bit 0.</param>
/// <param name="Use">What the processor does with it.</param>
/// <param name="Note">Why it is reserved or ignored, where that depends on more than the format; otherwise empty.</param>
public readonly record struct EntryField(string Name, int HighBit, int LowBit, ulong Value, FieldUse Use, string Note);

/// <summary>What the processor does with a field of an entry.</summary>
public enum FieldUse : byte
{
    /// <summary>It counts.</summary>
    Used,

    /// <summary>It is not looked at, in this format or under the current control bits.</summary>
    Ignored,

    /// <summary>It must be 0 in a present entry.</summary>
    Reserved,
}
