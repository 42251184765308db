// Control registers and PDPTE loads: rules C01 to C09, C70 and C72 of docs/rules.md. Bit numbers are written where they are used.

using static X86Pae.Reference.Specification.SpecBits;

namespace X86Pae.Reference.Specification;

/// <summary>A register that paging reads and software writes.</summary>
public enum SpecRegister
{
    /// <summary>CR0.</summary>
    Cr0,

    /// <summary>CR3.</summary>
    Cr3,

    /// <summary>CR4.</summary>
    Cr4,

    /// <summary>IA32_EFER.</summary>
    Efer,

    /// <summary>IA32_PAT.</summary>
    Pat,
}

/// <summary>The least that a register write obliges translation caches to drop (Intel SDM vol. 3, 4.10.4.1).</summary>
public enum SpecInvalidation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>All but global translations.</summary>
    NonGlobal,

    /// <summary>Everything.</summary>
    All,
}

/// <summary>Outcome of a register write.</summary>
/// <param name="GeneralProtection">Whether it raises #GP(0); then nothing has changed.</param>
/// <param name="PdptesLoaded">Whether it has loaded the PDPTE registers.</param>
/// <param name="Required">What caches must drop.</param>
public readonly record struct SpecWrite(bool GeneralProtection, bool PdptesLoaded, SpecInvalidation Required)
{
    internal static SpecWrite Refused => new(GeneralProtection: true, PdptesLoaded: false, SpecInvalidation.None);
}

/// <summary>What became of the CR3 load of a task switch.</summary>
public enum SpecTaskSwitch
{
    /// <summary>Paging is off or CR3 is the same: nothing is loaded or dropped.</summary>
    NothingToDo,

    /// <summary>CR3 is loaded, and the PDPTEs with PAE paging.</summary>
    Loaded,

    /// <summary>A PDPTE is bad: #GP(0), and nothing has changed.</summary>
    GeneralProtection,

    /// <summary>A PDPTE is bad: #TS(0), with the new CR3 and all PDPTE registers 0.</summary>
    InvalidTss,
}

/// <summary>The registers that paging reads, with the rules that make a write legal and the events that load the PDPTEs.</summary>
public sealed class SpecRegisters
{
    private readonly SpecFeatures _features;
    private readonly SpecOptions _options;
    private readonly SpecMemory _memory;

    internal SpecRegisters(SpecFeatures features, SpecOptions options, SpecMemory memory)
    {
        _features = features;
        _options = options;
        _memory = memory;
    }

    /// <summary>CR0; after reset PE and PG are 0.</summary>
    public uint Cr0 { get; private set; } = 0x6000_0010;

    /// <summary>CR3.</summary>
    public uint Cr3 { get; private set; }

    /// <summary>CR4.</summary>
    public uint Cr4 { get; private set; }

    /// <summary>IA32_EFER.</summary>
    public ulong Efer { get; private set; }

    /// <summary>IA32_PAT.</summary>
    public ulong Pat { get; private set; } = 0x0007_0406_0007_0406;

    /// <summary>The four PDPTE registers.</summary>
    internal ulong[] Pdpte { get; private set; } = new ulong[4];

    /// <summary>Whether A20M# forces bit 20 of physical addresses to 0.</summary>
    public bool A20Masked { get; internal set; }

    /// <summary>CR0.PG: paging is on.</summary>
    public bool Pg => Bit(Cr0, 31);

    /// <summary>CR0.WP.</summary>
    public bool Wp => Bit(Cr0, 16);

    /// <summary>CR4.PSE.</summary>
    public bool Pse => Bit(Cr4, 4);

    /// <summary>CR4.PAE.</summary>
    public bool Pae => Bit(Cr4, 5);

    /// <summary>CR4.PGE.</summary>
    public bool Pge => Bit(Cr4, 7);

    /// <summary>CR4.SMEP.</summary>
    public bool Smep => Bit(Cr4, 20);

    /// <summary>CR4.SMAP.</summary>
    public bool Smap => Bit(Cr4, 21);

    /// <summary>EFER.NXE.</summary>
    public bool Nxe => Bit(Efer, 11);

    /// <summary>Size of a table entry in bytes.</summary>
    internal int EntrySize => Pae ? 8 : 4;

    /// <summary>Linear addresses that differ only below this bit share a directory entry.</summary>
    internal int LargePageShift => Pae ? 21 : 22;

    /// <summary>Bits 63:M, 8:5 and 2:1.</summary>
    internal ulong ReservedInPdpte => Mask(63, _features.MaxPhyAddr) | Mask(8, 5) | Mask(2, 1);

    /// <summary>The address as it leaves the processor.</summary>
    internal ulong OnBus(ulong address) => A20Masked ? address & ~Mask(20, 20) : address;

    /// <summary>The content of a register.</summary>
    /// <param name="register">Which one.</param>
    public ulong Read(SpecRegister register) => register switch
    {
        SpecRegister.Cr0 => Cr0,
        SpecRegister.Cr3 => Cr3,
        SpecRegister.Cr4 => Cr4,
        SpecRegister.Efer => Efer,
        _ => Pat,
    };

    /// <summary>MOV to a control register, or WRMSR.</summary>
    internal SpecWrite Write(SpecRegister register, ulong value) => register switch
    {
        SpecRegister.Cr0 => WriteCr0((uint)value),
        SpecRegister.Cr3 => WriteCr3((uint)value),
        SpecRegister.Cr4 => WriteCr4((uint)value),
        SpecRegister.Efer => WriteEfer(value),
        _ => WritePat(value),
    };

    private SpecWrite WriteCr0(uint value)
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

    private SpecWrite WriteCr3(uint value)
    {
        bool load = Pg && Pae;
        if (load && !LoadPdptes(value))
        {
            return SpecWrite.Refused;
        }

        Cr3 = value;
        return Written(load, SpecInvalidation.NonGlobal);
    }

    /// <summary>The CR3 load of a task switch: nothing at all where the value is the same.</summary>
    internal SpecTaskSwitch SwitchTask(uint value)
    {
        if (!Pg || value == Cr3)
        {
            return SpecTaskSwitch.NothingToDo;
        }

        if (!WriteCr3(value).GeneralProtection)
        {
            return SpecTaskSwitch.Loaded;
        }

        if (!_options.TaskSwitchRaisesInvalidTss)
        {
            return SpecTaskSwitch.GeneralProtection;
        }

        Cr3 = value;
        Pdpte = new ulong[4];
        return SpecTaskSwitch.InvalidTss;
    }

    private SpecWrite WriteCr4(uint value)
    {
        ulong supported = _features.OtherCr4;
        supported |= _features.Pse ? Mask(4, 4) : 0;
        supported |= _features.Pae ? Mask(5, 5) : 0;
        supported |= _features.Pge ? Mask(7, 7) : 0;
        supported |= _features.Smep ? Mask(20, 20) : 0;
        supported |= _features.Smap ? Mask(21, 21) : 0;
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

    private SpecWrite WriteEfer(ulong value)
    {
        // A 32-bit processor: SCE, and NXE where CPUID has NX. LME does not exist.
        ulong supported = Mask(0, 0) | (_features.Nx ? Mask(11, 11) : 0);
        if ((value & ~supported) != 0)
        {
            return SpecWrite.Refused;
        }

        Efer = value;
        return Written(load: false, SpecInvalidation.None);
    }

    private SpecWrite WritePat(ulong value)
    {
        for (int i = 0; i < 8; i++)
        {
            ulong type = (value >> (8 * i)) & 0xFF;
            if (!_features.Pat || type is 2 or 3 or >= 8)
            {
                return SpecWrite.Refused;
            }
        }

        Pat = value;
        return Written(load: false, SpecInvalidation.None);
    }

    /// <summary>A copy of the registers as they are now.</summary>
    internal SpecRegisters Freeze() => (SpecRegisters)MemberwiseClone();

    /// <summary>A copy in which some bits are the other way round.</summary>
    internal SpecRegisters With(uint cr0 = 0, uint cr4 = 0, ulong efer = 0)
    {
        SpecRegisters copy = Freeze();
        copy.Cr0 ^= cr0;
        copy.Cr4 ^= cr4;
        copy.Efer ^= efer;
        return copy;
    }

    /// <summary>A copy with the PDPTEs that are in memory now, whatever they are.</summary>
    internal SpecRegisters WithPdptesFrom(uint cr3)
    {
        SpecRegisters copy = Freeze();
        copy.Pdpte = ReadPdptes(cr3);
        return copy;
    }

    /// <summary>The reserved bits that are set in those PDPTEs in memory that a load checks.</summary>
    internal ulong ReservedPdpteBits(uint cr3)
    {
        ulong set = 0;
        foreach (ulong entry in ReadPdptes(cr3))
        {
            bool isChecked = Bit(entry, 0) || _options.CheckReservedInNotPresentPdpte;
            set |= isChecked ? entry & ReservedInPdpte : 0;
        }

        return set;
    }

    private SpecWrite Written(bool load, SpecInvalidation required) =>
        new(GeneralProtection: false, load && !_options.PdpteOnDemand, required);

    /// <summary>Read all four, then check, then commit all four.</summary>
    private bool LoadPdptes(uint cr3)
    {
        if (_options.PdpteOnDemand)
        {
            return true;
        }

        if (ReservedPdpteBits(cr3) != 0)
        {
            return false;
        }

        Pdpte = ReadPdptes(cr3);
        return true;
    }

    private ulong[] ReadPdptes(uint cr3)
    {
        var read = new ulong[4];
        for (uint i = 0; i < 4; i++)
        {
            read[i] = _memory.Load(OnBus((cr3 & Mask(31, 5)) + (8 * i)), 8);
        }

        return read;
    }
}
