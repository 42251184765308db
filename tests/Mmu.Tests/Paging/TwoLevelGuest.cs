using System.Buffers.Binary;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>A processor with two-level paging on, in 64 KiB of memory: directory at 1000h, page table at 2000h.</summary>
internal sealed class TwoLevelGuest
{
    public const uint Directory = 0x1000;
    public const uint Table = 0x2000;

    public TwoLevelGuest(
        CpuFeatures? features = null,
        Cr4 cr4 = Cr4.PageSizeExtensions,
        uint cr3 = Directory,
        PagingOptions? options = null)
    {
        Registers = new ControlRegisters(features ?? CpuFeatures.Full40, options);
        var bus = new SpanBus(Memory);
        Assert.NotNull(Registers.WriteCr4((uint)cr4, ref bus));
        Assert.NotNull(Registers.WriteCr3(cr3, ref bus));
        Assert.NotNull(Registers.WriteCr0(0x8001_0001, ref bus));
    }

    public byte[] Memory { get; } = new byte[0x1_0000];

    public ControlRegisters Registers { get; }

    /// <summary>The four bytes at a physical address.</summary>
    public uint this[uint address]
    {
        get => BinaryPrimitives.ReadUInt32LittleEndian(Memory.AsSpan((int)address));
        set => BinaryPrimitives.WriteUInt32LittleEndian(Memory.AsSpan((int)address), value);
    }

    public static uint PdeAddress(uint linear) => Directory + (4 * (linear >> 22));

    public static uint PteAddress(uint linear) => Table + (4 * ((linear >> 12) & 0x3FF));

    public void Map(uint linear, uint pte, uint pdeFlags = 0x67)
    {
        this[PdeAddress(linear)] = Table | pdeFlags;
        this[PteAddress(linear)] = pte;
    }

    public WalkResult Walk(uint linear, Access access) => PageWalker.Walk(Memory, in Registers.State, linear, access);
}
