// Control registers: docs/rules.md, C01 to C09 and C72. Bit numbers are written where they are used.

using static X86Pae.Specification.SpecBits;

namespace X86Pae.Specification;

/// <summary>The registers that paging reads, with the rules that make a write legal and the events that load the PDPTEs.</summary>
public sealed class SpecRegisters(SpecFeatures features, SpecOptions options, SpecMemory memory)
{
    public uint Cr0 { get; private set; } = 0x6000_0010;

    public uint Cr3 { get; private set; }

    public uint Cr4 { get; private set; }

    public ulong Efer { get; private set; }

    public ulong Pat { get; private set; } = 0x0007_0406_0007_0406;

    public ulong[] Pdpte { get; private set; } = new ulong[4];

    public bool A20Masked { get; set; }

    public bool Pg => Bit(Cr0, 31);

    public bool Wp => Bit(Cr0, 16);

    public bool Pse => Bit(Cr4, 4);

    public bool Pae => Bit(Cr4, 5);

    public bool Pge => Bit(Cr4, 7);

    public bool Smep => Bit(Cr4, 20);

    public bool Smap => Bit(Cr4, 21);

    public bool Nxe => Bit(Efer, 11);

    /// <summary>Size of a table entry in bytes.</summary>
    public int EntrySize => Pae ? 8 : 4;

    /// <summary>Linear addresses that differ only below this bit share a directory entry.</summary>
    public int LargePageShift => Pae ? 21 : 22;

    /// <summary>Bits 63:M, 8:5 and 2:1 (2.2).</summary>
    public ulong ReservedInPdpte => Mask(63, features.MaxPhyAddr) | Mask(8, 5) | Mask(2, 1);

    /// <summary>The address as it leaves the processor.</summary>
    public ulong OnBus(ulong address) => A20Masked ? address & ~Mask(20, 20) : address;

    public SpecWrite WriteCr0(uint value)
    {
        // PE MP EM TS ET NE, WP, AM, NW CD PG exist; ET is 1.
        uint written = (uint)(value & (Mask(5, 0) | Mask(16, 16) | Mask(18, 18) | Mask(31, 29)) | Mask(4, 4));
        bool pg = Bit(written, 31);
        bool pe = Bit(written, 0);
        bool nw = Bit(written, 29);
        bool cd = Bit(written, 30);
        bool wp = Bit(written, 16);
        bool cet = Bit(Cr4, 23);
        if ((pg && !pe) || (nw && !cd) || (!wp && cet))
        {
            return SpecWrite.Refused;
        }

        uint changed = written ^ Cr0;
        bool load = pg && Pae && (changed & Mask(31, 29)) != 0; // PG, CD or NW
        if (load && !LoadPdptes(Cr3))
        {
            return SpecWrite.Refused;
        }

        bool pagingEnds = Pg && !pg;
        Cr0 = written;
        return Written(load, pagingEnds ? SpecInvalidation.All : SpecInvalidation.None);
    }

    public SpecWrite WriteCr3(uint value)
    {
        bool load = Pg && Pae;
        if (load && !LoadPdptes(value))
        {
            return SpecWrite.Refused;
        }

        Cr3 = value;
        return Written(load, SpecInvalidation.NonGlobal);
    }

    /// <summary>The CR3 load of a task switch (2.1, 2.2): nothing at all where the value is the same.</summary>
    public SpecTaskSwitch SwitchTask(uint value)
    {
        if (!Pg || value == Cr3)
        {
            return SpecTaskSwitch.NothingToDo;
        }

        if (!WriteCr3(value).GeneralProtection)
        {
            return SpecTaskSwitch.Loaded;
        }

        if (!options.TaskSwitchRaisesInvalidTss)
        {
            return SpecTaskSwitch.GeneralProtection;
        }

        Cr3 = value;
        Pdpte = new ulong[4];
        return SpecTaskSwitch.InvalidTss;
    }

    public SpecWrite WriteCr4(uint value)
    {
        ulong supported = features.OtherCr4;
        supported |= features.Pse ? Mask(4, 4) : 0;
        supported |= features.Pae ? Mask(5, 5) : 0;
        supported |= features.Pge ? Mask(7, 7) : 0;
        supported |= features.Smep ? Mask(20, 20) : 0;
        supported |= features.Smap ? Mask(21, 21) : 0;
        bool pcide = Bit(value, 17);
        bool cet = Bit(value, 23);
        if ((value & ~supported) != 0 || pcide || (cet && !Wp))
        {
            return SpecWrite.Refused;
        }

        uint changed = value ^ Cr4;
        bool pseChanged = Bit(changed, 4);
        bool paeChanged = Bit(changed, 5);
        bool pgeChanged = Bit(changed, 7);
        bool smepChanged = Bit(changed, 20);
        bool load = Pg && Bit(value, 5) && (pseChanged || paeChanged || pgeChanged || smepChanged);
        if (load && !LoadPdptes(Cr3))
        {
            return SpecWrite.Refused;
        }

        Cr4 = value;
        bool flush = paeChanged || pgeChanged || (smepChanged && Smep);
        return Written(load, flush ? SpecInvalidation.All : SpecInvalidation.None);
    }

    public SpecWrite WriteEfer(ulong value)
    {
        // A 32-bit processor: SCE, and NXE where CPUID has NX. LME does not exist.
        ulong supported = Mask(0, 0) | (features.Nx ? Mask(11, 11) : 0);
        if ((value & ~supported) != 0)
        {
            return SpecWrite.Refused;
        }

        Efer = value;
        return Written(load: false, SpecInvalidation.None);
    }

    public SpecWrite WritePat(ulong value)
    {
        for (int i = 0; i < 8; i++)
        {
            ulong type = (value >> (8 * i)) & 0xFF;
            if (!features.Pat || type is 2 or 3 or >= 8)
            {
                return SpecWrite.Refused;
            }
        }

        Pat = value;
        return Written(load: false, SpecInvalidation.None);
    }

    /// <summary>The registers as they are now, to be read only.</summary>
    public SpecRegisters Freeze() => (SpecRegisters)MemberwiseClone();

    private SpecWrite Written(bool load, SpecInvalidation required) =>
        new(GeneralProtection: false, load && !options.PdpteOnDemand, required);

    /// <summary>Read all four, then check, then commit all four (2.2).</summary>
    private bool LoadPdptes(uint cr3)
    {
        if (options.PdpteOnDemand)
        {
            return true;
        }

        var read = new ulong[4];
        for (uint i = 0; i < 4; i++)
        {
            read[i] = memory.Load(OnBus((cr3 & Mask(31, 5)) + (8 * i)), 8);
        }

        foreach (ulong entry in read)
        {
            bool isChecked = Bit(entry, 0) || options.CheckReservedInNotPresentPdpte;
            if (isChecked && (entry & ReservedInPdpte) != 0)
            {
                return false;
            }
        }

        Pdpte = read;
        return true;
    }
}
