// A pager as an emulator's author writes it first: PAE paging by the book, a dictionary for a TLB, and everything that is
// cached thrown away whenever something might be wrong with it. It is right, unless it is told to make a mistake.

using X86Pae.Reference;
using X86Pae.Reference.Specification;

namespace X86Pae.CheckYourMmu;

/// <summary>What the pager can be made to get wrong.</summary>
internal enum Mistake
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Bits 62:52 of an entry are taken for the operating system's own, as they are in long mode.</summary>
    ReservedBits,

    /// <summary>The supervisor may write to any page, whatever CR0.WP says.</summary>
    WriteProtect,

    /// <summary>A write to a page that a read has cached does not set D.</summary>
    CleanPage,

    /// <summary>INVLPG forgets 4 KiB of a page that is larger.</summary>
    LargePage,
}

/// <summary>The pager, together with the adapter that lets it be checked.</summary>
internal sealed class PlainPager(MmuSetup setup, Mistake mistake) : IMmuAdapter
{
    private const ulong Present = 1, Writable = 2, User = 4, Accessed = 0x20, Dirty = 0x40, Large = 0x80;
    private const ulong ExecuteDisable = 1UL << 63;
    private const ulong Frame = 0x000F_FFFF_FFFF_F000;
    private const uint Pg = 1u << 31, Cd = 1u << 30, Nw = 1u << 29, Wp = 1u << 16, Pe = 1;
    private const uint Pse = 1u << 4, Pae = 1u << 5, Pge = 1u << 7;

    private readonly PlainMemory _memory = new(setup.MemorySizeInBytes, setup.OpenBus);
    private readonly Dictionary<uint, CachedPage> _cached = [];
    private ulong[] _pdptes = new ulong[4];
    private uint _cr0 = 0x6000_0010, _cr3, _cr4;
    private ulong _efer;

    private bool Nxe => (_efer & 0x800) != 0;

    public void ReadPhysical(ulong address, Span<byte> bytes) => _memory.Read(address, bytes);

    public void WritePhysical(ulong address, ReadOnlySpan<byte> bytes) => _memory.Write(address, bytes);

    public ulong ReadRegister(SpecRegister which) => which switch
    {
        SpecRegister.Cr0 => _cr0,
        SpecRegister.Cr3 => _cr3,
        SpecRegister.Cr4 => _cr4,
        _ => _efer,
    };

    public bool WriteRegister(SpecRegister which, ulong value) => which switch
    {
        SpecRegister.Cr0 => WriteCr0((uint)value),
        SpecRegister.Cr3 => WriteCr3((uint)value),
        SpecRegister.Cr4 => WriteCr4((uint)value),
        _ => WriteEfer(value),
    };

    public void InvalidatePage(uint linear)
    {
        if (mistake == Mistake.LargePage)
        {
            _cached.Remove(linear >> 12);
        }
        else
        {
            FlushAll();
        }
    }

    public void FlushAll() => _cached.Clear();

    public SpecOutcome Translate(uint linear, SpecAccess access)
    {
        if ((_cr0 & Pg) == 0)
        {
            return SpecOutcome.Translated(linear);
        }

        bool hit = _cached.TryGetValue(linear >> 12, out CachedPage page) && Allows(page, access)
            && (page.IsDirty || !access.IsWrite || mistake == Mistake.CleanPage);
        if (!hit && Walk(linear, access, out page) is { } fault)
        {
            FlushAll();
            return fault;
        }

        _cached[linear >> 12] = page;
        return SpecOutcome.Translated(page.Physical | (linear & 0xFFF));
    }

    private SpecOutcome? Walk(uint linear, SpecAccess access, out CachedPage page)
    {
        page = default;
        ulong pdpte = _pdptes[linear >> 30];
        if ((pdpte & Present) == 0)
        {
            return Fault(linear, access, 0);
        }

        ulong pdeAddress = (pdpte & Frame) + (8 * ((linear >> 21) & 0x1FF));
        ulong pde = _memory.Load(pdeAddress);
        bool large = (pde & Large) != 0;
        if ((pde & Present) == 0)
        {
            return Fault(linear, access, 0);
        }

        if ((pde & (Reserved() | (large ? 0x1F_E000 | PatBit(0x1000) : 0))) != 0)
        {
            return Fault(linear, access, 9);
        }

        ulong leafAddress = pdeAddress;
        ulong leaf = pde;
        if (!large)
        {
            _memory.Store(pdeAddress, pde | Accessed);
            leafAddress = (pde & Frame) + (8 * ((linear >> 12) & 0x1FF));
            leaf = _memory.Load(leafAddress);
            if ((leaf & Present) == 0)
            {
                return Fault(linear, access, 0);
            }

            if ((leaf & (Reserved() | PatBit(Large))) != 0)
            {
                return Fault(linear, access, 9);
            }
        }

        ulong rights = leaf & pde & (Writable | User);
        ulong physical = large ? (leaf & Frame & ~0x1F_FFFFUL) | (linear & 0x1F_F000) : leaf & Frame;
        leaf |= Accessed | (access.IsWrite ? Dirty : 0);
        page = new CachedPage(physical, rights, ((leaf | pde) & ExecuteDisable) != 0, (leaf & Dirty) != 0);
        if (!Allows(page, access))
        {
            return Fault(linear, access, 1);
        }

        _memory.Store(leafAddress, leaf);
        return null;
    }

    private bool Allows(CachedPage page, SpecAccess access)
    {
        bool mayWrite = (page.Rights & Writable) != 0
            || (!access.IsUser && ((_cr0 & Wp) == 0 || mistake == Mistake.WriteProtect));
        return (!access.IsUser || (page.Rights & User) != 0)
            && (!access.IsWrite || mayWrite)
            && !(access.IsFetch && page.ExecuteDisable);
    }

    private SpecOutcome Fault(uint linear, SpecAccess access, uint cause) => SpecOutcome.PageFault(
        cause | (access.IsWrite ? 2u : 0) | (access.IsUser ? 4u : 0) | (access.IsFetch && Nxe ? 16u : 0), linear);

    private ulong Reserved()
    {
        ulong reserved = ~0UL << setup.Features.MaxPhyAddr;
        reserved &= Nxe ? ~ExecuteDisable : ~0UL;
        return mistake == Mistake.ReservedBits ? reserved & ~(0x7FFUL << 52) : reserved;
    }

    private ulong PatBit(ulong bit) => setup.Features.Pat ? 0 : bit;

    private bool WriteCr0(uint value)
    {
        value = (value & 0xE005_003F) | 0x10;
        bool isLegal = ((value & Pg) == 0 || (value & Pe) != 0) && ((value & Nw) == 0 || (value & Cd) != 0);
        bool loads = (value & Pg) != 0 && (_cr4 & Pae) != 0 && ((value ^ _cr0) & (Pg | Cd | Nw)) != 0;
        return isLegal && (!loads || LoadPdptes(_cr3)) && Change(ref _cr0, value);
    }

    private bool WriteCr3(uint value)
    {
        bool loads = (_cr0 & Pg) != 0 && (_cr4 & Pae) != 0;
        return (!loads || LoadPdptes(value)) && Change(ref _cr3, value);
    }

    private bool WriteCr4(uint value)
    {
        uint supported = Pae | (setup.Features.Pse ? Pse : 0) | (setup.Features.Pge ? Pge : 0);
        bool loads = (_cr0 & Pg) != 0 && (value & Pae) != 0 && ((value ^ _cr4) & (Pae | Pse | Pge)) != 0;
        return (value & ~supported) == 0 && (!loads || LoadPdptes(_cr3)) && Change(ref _cr4, value);
    }

    private bool WriteEfer(ulong value)
    {
        ulong supported = setup.Features.Nx ? 0x801u : 1u;
        _efer = (value & ~supported) == 0 ? value : _efer;
        return (value & ~supported) == 0;
    }

    private bool Change(ref uint register, uint value)
    {
        register = value;
        FlushAll();
        return true;
    }

    private bool LoadPdptes(uint cr3)
    {
        var loaded = new ulong[4];
        for (uint i = 0; i < 4; i++)
        {
            loaded[i] = _memory.Load((cr3 & ~0x1Fu) + (8 * i));
            ulong reserved = (~0UL << setup.Features.MaxPhyAddr) | 0x1E6;
            if ((loaded[i] & Present) != 0 && (loaded[i] & reserved) != 0)
            {
                return false;
            }
        }

        _pdptes = loaded;
        return true;
    }

    /// <summary>A 4-KiB page, or that much of a larger one.</summary>
    private readonly record struct CachedPage(ulong Physical, ulong Rights, bool ExecuteDisable, bool IsDirty);
}
