// A guest with one page of each sort, whose tables the tests edit behind the MMU's back:
//
//   PDPT 1000h -> directory 2000h -> table 3000h -> linear 5000h  frame 5000h   supervisor, writable
//                                                   linear 6000h  frame 6000h   user, read-only
//                                                   linear 7000h  not present
//                                                   linear 8000h  frame 8000h   supervisor, writable, global

using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests.Embedding;

/// <summary>An MMU over a host's own memory, PAE paging on, by default with a Core Duo's TLBs.</summary>
internal sealed class EmbeddedGuest<TBus>
    where TBus : struct, IBus
{
    public const uint Supervisor = 0x5000;
    public const uint ReadOnly = 0x6000;
    public const uint Absent = 0x7000;
    public const uint Global = 0x8000;

    public EmbeddedGuest(TBus bus, int maxPhyAddr = 36, TlbConfiguration? tlbs = null)
    {
        bus.Store(0x1000, 0x2001UL);
        bus.Store(0x2000, 0x3007UL);
        bus.Store(EntryOf(Supervisor), Supervisor | 0x03UL);
        bus.Store(EntryOf(ReadOnly), ReadOnly | 0x05UL);
        bus.Store(EntryOf(Absent), 0UL);
        bus.Store(EntryOf(Global), Global | 0x103UL);
        Mmu = new Mmu<TBus, NoTiming>(
            bus, default, CpuFeatures.Pae36 with { MaxPhyAddr = maxPhyAddr }, tlbs ?? CpuModels.CoreDuo.Tlbs);
        Assert.True(Mmu.WriteCr3(0x1000));
        Assert.True(Mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable)));
        Assert.True(Mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging | Cr0.WriteProtect)));
    }

    public Mmu<TBus, NoTiming> Mmu { get; }

    /// <summary>Physical address of the page-table entry of a page.</summary>
    public static ulong EntryOf(uint linear) => 0x3000 + (8UL * (linear >> 12));
}
