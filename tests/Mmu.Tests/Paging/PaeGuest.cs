using System.Buffers.Binary;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>A processor with PAE paging on, in 64 KiB of memory: PDPT at 1000h, directories at 2000h to 5000h.</summary>
internal sealed class PaeGuest
{
    public const uint Pdpt = 0x1000;
    public const uint Table = 0x6000;

    /// <summary>P, R/W, U/S, A and D: an entry that the walk never has to write.</summary>
    public const ulong Used = 0x67;

    /// <summary>P, R/W and U/S.</summary>
    public const ulong Fresh = 0x07;

    public PaeGuest(
        CpuFeatures? features = null,
        PagingOptions? options = null,
        Cr4 cr4 = Cr4.None,
        bool writeProtect = true,
        bool nxe = true)
    {
        Registers = new ControlRegisters(features ?? CpuFeatures.Full40, options);
        for (uint i = 0; i < 4; i++)
        {
            this[Pdpt + (8 * i)] = 0x2001 + (0x1000 * i);
        }

        Assert.NotNull(Registers.WriteEfer(nxe && Registers.Features.Nx ? (ulong)Efer.ExecuteDisableEnable : 0));
        Assert.NotNull(WriteCr4(Cr4.PhysicalAddressExtension | cr4));
        Assert.NotNull(WriteCr3(Pdpt));
        Assert.NotNull(WriteCr0(Cr0.Paging | Cr0.ProtectionEnable | (writeProtect ? Cr0.WriteProtect : 0)));
    }

    public byte[] Memory { get; } = new byte[0x1_0000];

    public ControlRegisters Registers { get; }

    /// <summary>The eight bytes at a physical address.</summary>
    public ulong this[ulong address]
    {
        get => BinaryPrimitives.ReadUInt64LittleEndian(Memory.AsSpan((int)address));
        set => BinaryPrimitives.WriteUInt64LittleEndian(Memory.AsSpan((int)address), value);
    }

    public static ulong PdeAddress(uint linear) => 0x2000 + (0x1000 * (linear >> 30)) + (8 * ((linear >> 21) & 0x1FF));

    public static ulong PteAddress(uint linear) => Table + (8 * ((linear >> 12) & 0x1FF));

    /// <summary>Maps a page through the one page table; the PDE gives all rights unless told otherwise.</summary>
    public void Map(uint linear, ulong pte, ulong pdeFlags = Used)
    {
        this[PdeAddress(linear)] = Table | pdeFlags;
        this[PteAddress(linear)] = pte;
    }

    public void MapLarge(uint linear, ulong pde) => this[PdeAddress(linear)] = pde;

    public WalkResult Walk(uint linear, Access access) => PageWalker.Walk(Memory, in Registers.State, linear, access);

    public (Invalidation? Dropped, bool PdptesLoaded) Effect(Invalidation? dropped) => (dropped, Registers.PdptesLoaded);

    public Invalidation? WriteCr0(Cr0 value)
    {
        var bus = new SpanBus(Memory);
        return Registers.WriteCr0((uint)value, ref bus);
    }

    public Invalidation? WriteCr3(uint value)
    {
        var bus = new SpanBus(Memory);
        return Registers.WriteCr3(value, ref bus);
    }

    public Invalidation? WriteCr4(Cr4 value)
    {
        var bus = new SpanBus(Memory);
        return Registers.WriteCr4((uint)value, ref bus);
    }
}
