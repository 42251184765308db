// The tables: rules C10 to C14 for PAE paging, C80 for two-level paging, C31 for the order of the checks.

using static X86Pae.Reference.Specification.SpecBits;

namespace X86Pae.Reference.Specification;

/// <summary>What stops a walk before rights are looked at.</summary>
internal enum SpecProblem
{
    None,
    NotPresent,
    Reserved,
}

/// <summary>What the directory holds for an address: what stops the walk there, or the entry, and where it is.</summary>
internal readonly record struct SpecPde(SpecProblem Problem, ulong Value, ulong Address, bool IsLarge);

/// <summary>The end of a walk: what stops it, or the page that the leaf entry and the directory entry describe together.</summary>
internal readonly record struct SpecPage
{
    public SpecProblem Problem { get; init; }

    /// <summary>Where the leaf entry is.</summary>
    public ulong LeafAddress { get; init; }

    public ulong PhysicalAddress { get; init; }

    public bool User { get; init; }

    public bool Writable { get; init; }

    public bool ExecuteDisable { get; init; }

    public int PatIndex { get; init; }

    /// <summary>A of the leaf.</summary>
    public bool Accessed { get; init; }

    /// <summary>D of the leaf.</summary>
    public bool Dirty { get; init; }

    public bool Global { get; init; }

    public bool Large { get; init; }
}

/// <summary>Reads page tables, one level at a time and without any effect.</summary>
internal sealed class SpecTables(SpecFeatures features, SpecOptions options)
{
    /// <summary>The directory entry for an address.</summary>
    public SpecPde Pde(SpecRegisters registers, SpecMemory memory, uint linear) =>
        registers.Pae ? PaePde(registers, memory, linear) : TwoLevelPde(registers, memory, linear);

    /// <summary>The large page that a valid directory entry maps.</summary>
    public static SpecPage LargePage(SpecRegisters registers, SpecPde pde, uint linear)
    {
        ulong above4GiB = (pde.Value & Mask(20, 13)) >> 13 << 32;
        ulong physical = registers.Pae
            ? (pde.Value & Mask(51, 21)) | (linear & Mask(20, 0))
            : (pde.Value & Mask(31, 22)) | above4GiB | (linear & Mask(21, 0));
        return Page(registers, pde.Value, pde.Value, pde.Address, physical, patBit: 12, large: true);
    }

    /// <summary>The page in the table that a valid directory entry points to.</summary>
    /// <param name="registers">Control registers at the time of the walk.</param>
    /// <param name="memory">Memory at the time of the walk.</param>
    /// <param name="pde">The directory entry, which may have been read before.</param>
    /// <param name="linear">The address.</param>
    public SpecPage TablePage(SpecRegisters registers, SpecMemory memory, ulong pde, uint linear)
    {
        ulong address = TableEntryAddress(registers, pde, linear);
        ulong pte = memory.Load(address, registers.EntrySize);
        if (!Bit(pte, 0))
        {
            return new SpecPage { Problem = SpecProblem.NotPresent };
        }

        ulong patBit = features.Pat ? 0 : Mask(7, 7);
        ulong reserved = registers.Pae ? ReservedEverywhere(registers) | patBit : registers.Pse ? patBit : 0;
        if ((pte & reserved) != 0)
        {
            return new SpecPage { Problem = SpecProblem.Reserved };
        }

        ulong frame = pte & (registers.Pae ? Mask(51, 12) : Mask(31, 12));
        return Page(registers, pte, pde, address, frame | (linear & Mask(11, 0)), patBit: 7, large: false);
    }

    /// <summary>Where the entry for an address is in the table that a directory entry points to.</summary>
    public static ulong TableEntryAddress(SpecRegisters registers, ulong pde, uint linear) => registers.OnBus(registers.Pae
        ? (pde & Mask(51, 12)) + (8 * ((linear >> 12) & 0x1FF))
        : (pde & Mask(31, 12)) + (4 * ((linear >> 12) & 0x3FF)));

    private SpecPde PaePde(SpecRegisters registers, SpecMemory memory, uint linear)
    {
        ulong pdpteAddress = registers.OnBus((registers.Cr3 & Mask(31, 5)) + (8 * (linear >> 30)));
        ulong pdpte = options.PdpteOnDemand ? memory.Load(pdpteAddress, 8) : registers.Pdpte[linear >> 30];
        if (!Bit(pdpte, 0))
        {
            return new SpecPde { Problem = SpecProblem.NotPresent };
        }

        if (options.PdpteOnDemand && (pdpte & registers.ReservedInPdpte) != 0)
        {
            return new SpecPde { Problem = SpecProblem.Reserved };
        }

        ulong address = registers.OnBus((pdpte & Mask(51, 12)) + (8 * ((linear >> 21) & 0x1FF)));
        ulong pde = memory.Load(address, 8);
        bool large = Bit(pde, 7);
        ulong reservedInLarge = Mask(20, 13) | (features.Pat ? 0 : Mask(12, 12));
        return Checked(pde, address, large, ReservedEverywhere(registers) | (large ? reservedInLarge : 0));
    }

    private SpecPde TwoLevelPde(SpecRegisters registers, SpecMemory memory, uint linear)
    {
        ulong address = registers.OnBus((registers.Cr3 & Mask(31, 12)) + (4 * (linear >> 22)));
        ulong pde = memory.Load(address, 4);
        bool large = registers.Pse && Bit(pde, 7);
        int lowestReserved = features.Pse36 ? Math.Min(40, features.MaxPhyAddr) - 19 : 13;
        ulong reservedInLarge = Mask(21, lowestReserved) | (features.Pat ? 0 : Mask(12, 12));
        return Checked(pde, address, large, large ? reservedInLarge : 0);
    }

    private static SpecPde Checked(ulong pde, ulong address, bool large, ulong reserved)
    {
        SpecProblem problem = !Bit(pde, 0) ? SpecProblem.NotPresent
            : (pde & reserved) != 0 ? SpecProblem.Reserved
            : SpecProblem.None;
        return new SpecPde(problem, pde, address, large);
    }

    /// <summary>Bits 62:M, and 63 while NXE is 0.</summary>
    private ulong ReservedEverywhere(SpecRegisters registers) =>
        Mask(62, features.MaxPhyAddr) | (registers.Nxe ? 0 : Mask(63, 63));

    /// <summary>U and W are ANDed, XD is ORed; bit 63 of an entry that was valid when it was read is XD.</summary>
    private static SpecPage Page(
        SpecRegisters registers, ulong leaf, ulong pde, ulong leafAddress, ulong physical, int patBit, bool large) => new()
        {
            LeafAddress = leafAddress,
            PhysicalAddress = registers.OnBus(physical),
            User = Bit(leaf & pde, 2),
            Writable = Bit(leaf & pde, 1),
            ExecuteDisable = registers.Pae && Bit(leaf | pde, 63),
            PatIndex = (Bit(leaf, patBit) ? 4 : 0) + (Bit(leaf, 4) ? 2 : 0) + (Bit(leaf, 3) ? 1 : 0),
            Accessed = Bit(leaf, 5),
            Dirty = Bit(leaf, 6),
            Global = registers.Pge && Bit(leaf, 8),
            Large = large,
        };
}
