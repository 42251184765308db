// The fields of page-table entries by format. Intel SDM vol. 3, tables 4-8 to 4-11 (PAE), 4-4 to 4-6 (two-level paging).
//
//   bit           63   M-1:12   11:9   8   7    6   5   4    3    2    1    0
//   PDPTE         -    base     avl    -   -    -   -   PCD  PWT  -    -    P
//   PDE, table    XD   base     avl    .   PS   .   A   PCD  PWT  U/S  R/W  P
//   PDE, 2 MiB    XD   base *   avl    G   PS   D   A   PCD  PWT  U/S  R/W  P     * M-1:21, and PAT in bit 12
//   PTE           XD   base     avl    G   PAT  D   A   PCD  PWT  U/S  R/W  P
//
//   Two-level entries are 31:0 of these, with base 31:12; a 4-MiB PDE has base 31:22, physical bits 39:32 in 20:13 and PAT in
//   bit 12. A bit in no field is ignored, or reserved where the control state says so (see PagingState); - is a reserved bit.

using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>Decodes the entries of a walk, from the top down.</summary>
/// <param name="control">The control registers, which decide what is reserved and what is ignored.</param>
/// <param name="linear">The linear address of the walk.</param>
internal sealed class EntryDecoder(ControlRegisters control, uint linear)
{
    private const string Base = "base";

    private static readonly (string Name, int High, int Low)[] PdpteFields =
        [(Base, 51, 12), ("avl", 11, 9), ("PCD", 4, 4), ("PWT", 3, 3), ("P", 0, 0)];

    private static readonly (string Name, int High, int Low)[] TablePdeFields =
    [
        ("XD", 63, 63), (Base, 51, 12), ("avl", 11, 9), ("PS", 7, 7), ("A", 5, 5), ("PCD", 4, 4), ("PWT", 3, 3),
        ("U/S", 2, 2), ("R/W", 1, 1), ("P", 0, 0),
    ];

    private static readonly (string Name, int High, int Low)[] LargePageFields =
    [
        ("XD", 63, 63), (Base, 51, 21), ("PAT", 12, 12), ("avl", 11, 9), ("G", 8, 8), ("PS", 7, 7), ("D", 6, 6), ("A", 5, 5),
        ("PCD", 4, 4), ("PWT", 3, 3), ("U/S", 2, 2), ("R/W", 1, 1), ("P", 0, 0),
    ];

    private static readonly (string Name, int High, int Low)[] LargePage32Fields =
    [
        (Base, 31, 22), ("base 39:32", 20, 13), .. LargePageFields[2..],
    ];

    private static readonly (string Name, int High, int Low)[] PteFields =
    [
        ("XD", 63, 63), (Base, 51, 12), ("avl", 11, 9), ("G", 8, 8), ("PAT", 7, 7), ("D", 6, 6), ("A", 5, 5),
        ("PCD", 4, 4), ("PWT", 3, 3), ("U/S", 2, 2), ("R/W", 1, 1), ("P", 0, 0),
    ];

    private bool Wide => control.State.Mode == PagingMode.Pae;

    /// <summary>Decodes an entry.</summary>
    /// <param name="level">Its level.</param>
    /// <param name="source">Whether the walk takes it from memory, a register or the PDE cache.</param>
    /// <param name="address">Its physical byte address.</param>
    /// <param name="raw">Its value.</param>
    /// <param name="above">The entry one level up; null for the first of the walk.</param>
    public ExplainedEntry Decode(WalkLevel level, EntrySource source, ulong address, ulong raw, ExplainedEntry? above)
    {
        EntryFormat format = FormatOf(level, raw);
        bool present = (raw & EntryBits.Present) != 0;
        ulong mustBeZero = MustBeZero(format);
        ulong reserved = present ? raw & mustBeZero : 0;
        return new ExplainedEntry
        {
            Level = level,
            Format = format,
            Source = source,
            Index = IndexOf(level),
            Address = address,
            Raw = raw,
            Target = TargetOf(format, raw),
            ReservedBits = reserved,
            RightsSoFar = present && reserved == 0 ? RightsOf(format, raw, above) : null,
            Fields = present ? FieldsOf(format, raw, mustBeZero) : FieldsOfNotPresent(raw),
        };
    }

    private EntryFormat FormatOf(WalkLevel level, ulong raw) => level switch
    {
        WalkLevel.Pdpte => EntryFormat.Pdpte,
        WalkLevel.Pte => EntryFormat.Pte,
        _ => control.State.LargePages && (raw & EntryBits.LargePage) != 0 ? EntryFormat.LargePagePde : EntryFormat.TablePde,
    };

    private ulong MustBeZero(EntryFormat format) => format switch
    {
        EntryFormat.Pdpte => control.State.ReservedPdpte,
        EntryFormat.TablePde => control.State.ReservedPde,
        EntryFormat.LargePagePde => control.State.ReservedLargePde,
        _ => control.State.ReservedPte,
    };

    private int IndexOf(WalkLevel level) => (int)(level switch
    {
        WalkLevel.Pdpte => linear >> 30,
        WalkLevel.Pde => Wide ? (linear >> 21) & 0x1FF : linear >> 22,
        _ => (linear >> 12) & (Wide ? 0x1FFu : 0x3FF),
    });

    private ulong TargetOf(EntryFormat format, ulong raw) => (Wide, format) switch
    {
        (true, EntryFormat.LargePagePde) => raw & EntryBits.LargeFrame,
        (true, _) => raw & EntryBits.Frame,
        (false, EntryFormat.LargePagePde) => (raw & 0xFFC0_0000) | (((raw >> 13) & 0xFF) << 32),
        _ => raw & 0xFFFF_F000,
    };

    private static PageAttributes RightsOf(EntryFormat format, ulong raw, ExplainedEntry? above)
    {
        PageAttributes before = above?.RightsSoFar ?? PageAttributes.User | PageAttributes.Writable;
        if (format == EntryFormat.Pdpte)
        {
            return before;
        }

        PageAttributes own = LeafEntry.Rights(raw, raw);
        return (before & own & (PageAttributes.User | PageAttributes.Writable))
            | ((before | own) & PageAttributes.ExecuteDisable);
    }

    private List<EntryField> FieldsOf(EntryFormat format, ulong raw, ulong mustBeZero)
    {
        (string Name, int High, int Low)[] layout = format switch
        {
            EntryFormat.Pdpte => PdpteFields,
            EntryFormat.TablePde => TablePdeFields,
            EntryFormat.LargePagePde => Wide ? LargePageFields : LargePage32Fields,
            _ => PteFields,
        };

        var fields = new List<EntryField>();
        ulong rest = Wide ? ulong.MaxValue : uint.MaxValue;
        foreach ((string name, int high, int low) in layout)
        {
            // Reserved bits are cut off a field, as those from MAXPHYADDR on are cut off an address.
            ulong used = Mask(high, low) & ~mustBeZero & rest;
            if (used != 0)
            {
                (int usedHigh, int usedLow) = EntryText.HighestRun(used);
                bool ignored = (name == "G" && control.State.Global == 0) || (name == "PS" && !control.State.LargePages);
                string note = !ignored ? string.Empty : name == "G" ? "CR4.PGE = 0" : "CR4.PSE = 0";
                fields.Add(Field(name, usedHigh, usedLow, raw, ignored ? FieldUse.Ignored : FieldUse.Used, note));
                rest &= ~Mask(usedHigh, usedLow);
            }
        }

        for (ulong reserved = rest & mustBeZero; reserved != 0;)
        {
            (int high, int low) = EntryText.HighestRun(reserved);
            low = high == 63 ? 63 : low; // alone, because WhyReserved has a reason for bit 63
            fields.Add(Field("reserved", high, low, raw, FieldUse.Reserved, WhyReserved(format, high)));
            reserved &= ~Mask(high, low);
        }

        for (ulong ignored = rest & ~mustBeZero; ignored != 0;)
        {
            (int high, int low) = EntryText.HighestRun(ignored);
            fields.Add(Field("ignored", high, low, raw, FieldUse.Ignored, string.Empty));
            ignored &= ~Mask(high, low);
        }

        fields.Sort((left, right) => right.HighBit.CompareTo(left.HighBit));
        return fields;
    }

    private EntryField[] FieldsOfNotPresent(ulong raw) =>
    [
        Field("software", Wide ? 63 : 31, 1, raw, FieldUse.Ignored, "P = 0"),
        Field("P", 0, 0, raw, FieldUse.Used, string.Empty),
    ];

    private string WhyReserved(EntryFormat format, int high) => (format, high) switch
    {
        (EntryFormat.Pdpte, 63) => "a PDPTE has no XD",
        (EntryFormat.Pdpte, 2) => "a PDPTE has no R/W and no U/S",
        (EntryFormat.Pdpte, 8) => "a PDPTE has no A, D, PS and G",
        (_, 63) => "XD, but EFER.NXE = 0",
        (_, > 31) => $"physical addresses have {control.Features.MaxPhyAddr} bits",
        (EntryFormat.Pte, _) => "PAT, which this processor has not",
        _ when Wide => "a 2-MiB page is aligned to 2 MiB",
        _ => "beyond the physical address of a 4-MiB page",
    };

    private static ulong Mask(int high, int low) => (ulong.MaxValue >> (63 - high)) & (ulong.MaxValue << low);

    private static EntryField Field(string name, int high, int low, ulong raw, FieldUse use, string note) =>
        new(name, high, low, (raw & Mask(high, low)) >> low, use, note);
}
