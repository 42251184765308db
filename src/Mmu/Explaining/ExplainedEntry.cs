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
