// The page tables that the hot paths walk.
//
//   physical   0      1000h   2000h        3000h ...      120000000h ...   140000000h ...
//             +------+-------+------------+--------------+--- - - ---+--- - - --------+
//             | -    | PDPT  | directory  | page tables  |   frames  |  2-MiB frames  |
//             +------+-------+------------+--------------+--- - - ---+--- - - --------+
//
//   linear     LinearStart ..        MappedPages pages, in order, A and D set
//              NotPresentStart ..    2 MiB with a page table whose entries are all 0
//              LargeStart ..         LargePages pages of 2 MiB, in order, A and D set

using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Bench.HotPaths;

/// <summary>Page tables in any memory, and MMUs that have them loaded.</summary>
internal static class GuestTables
{
    public const int PageSize = 4096;

    /// <summary>Pages that are mapped: far more than a TLB holds.</summary>
    public const int MappedPages = 16384;

    /// <summary>Pages whose tables are small enough for a first-level cache.</summary>
    public const int WarmPages = 1024;

    /// <summary>Pages that a Core Duo's data TLB holds, all ways of all sets.</summary>
    public const int HeldPages = 128;

    public const uint LinearStart = 0x8000_0000;

    public const uint NotPresentStart = LinearStart + (MappedPages * (uint)PageSize);

    public const int NotPresentPages = 512;

    public const uint LargeStart = NotPresentStart + (NotPresentPages * (uint)PageSize);

    /// <summary>Pages of 2 MiB, as many as a Core Duo's data TLB holds, all ways of all sets.</summary>
    public const int LargePages = 8;

    /// <summary>
    /// Distance, in 4-KiB pages, of the <see cref="HeldPages"/> parts of large pages that hold data. They lie in all large pages. In a
    /// direct-mapped cache of 256 places or more no two of them share a place, nor one with a page of an odd number.
    /// </summary>
    public const int LargePartDistance = 30;

    /// <summary>Physical address of the PDPT, the value of CR3.</summary>
    public const uint Pdpt = 0x1000;

    /// <summary>Physical address of the first page's frame, above 4 GiB.</summary>
    public const ulong FramesStart = 0x1_2000_0000;

    /// <summary>Physical address of the first large page's frame.</summary>
    public const ulong LargeFramesStart = 0x1_4000_0000;

    /// <summary>Bytes from physical address 0 on that hold all tables.</summary>
    public const int TablesEnd = (int)FirstTable + (Tables * PageSize);

    private const uint Directory = 0x2000;
    private const uint FirstTable = 0x3000;
    private const int EntriesPerTable = 512;
    private const int LargePageSize = EntriesPerTable * PageSize;
    private const int Tables = (MappedPages + NotPresentPages) / EntriesPerTable;
    private const ulong Leaf = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty;

    /// <summary>Writes the tables.</summary>
    public static void Build<TBus>(ref TBus bus)
        where TBus : struct, IBus, allows ref struct
    {
        bus.Store(Pdpt + (8 * (LinearStart >> 30)), Directory | EntryBits.Present);
        for (int i = 0; i < Tables; i++)
        {
            bus.Store(Directory + (8 * (ulong)i), (FirstTable + ((ulong)i * PageSize)) | Leaf);
        }

        for (int i = 0; i < MappedPages; i++)
        {
            bus.Store(FirstTable + (8 * (ulong)i), (FramesStart + ((ulong)i * PageSize)) | Leaf);
        }

        for (int i = 0; i < LargePages; i++)
        {
            bus.Store(Directory + (8 * (ulong)(Tables + i)), (LargeFramesStart + ((ulong)i * LargePageSize)) | Leaf | EntryBits.LargePage);
        }
    }

    /// <summary>Creates an MMU over RAM of its own: tables loaded, random data in the pages, and parts of large pages, that a TLB holds.</summary>
    /// <param name="timing">What the MMU is charged to.</param>
    /// <param name="tlbs">Its translation caches.</param>
    public static Mmu<RamBus, TTiming> CreateMmu<TTiming>(TTiming timing, TlbConfiguration tlbs)
        where TTiming : struct, ITiming
    {
        var bus = new RamBus(new GuestMemory(8UL << 30));
        Build(ref bus);
        byte[] data = Data();
        for (int i = 0; i < data.Length; i += PageSize)
        {
            bus.Write(FramesStart + (ulong)i, data.AsSpan(i, PageSize));
            bus.Write(LargeFramesStart + ((ulong)i * LargePartDistance), data.AsSpan(i, PageSize));
        }

        var mmu = new Mmu<RamBus, TTiming>(bus, timing, CpuFeatures.Pae36, tlbs);
        bool legal = mmu.WriteCr3(Pdpt)
            && mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable))
            && mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.WriteProtect | Cr0.Paging));
        return legal ? mmu : throw new InvalidOperationException("The tables cannot be loaded.");
    }

    /// <summary>What the pages that a TLB holds contain.</summary>
    public static byte[] Data()
    {
        var data = new byte[HeldPages * PageSize];
        new Random(1985).NextBytes(data);
        return data;
    }
}
