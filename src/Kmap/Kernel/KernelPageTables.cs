// The kernel's page tables in guest memory, built once at boot.
//
//   CR3 of every CPU -> PDPT -> four page directories -> direct map in 2-MiB pages (global)
//                                                     -> page tables of vmalloc area, PKMAP and fixmap, empty at boot
//
//   With page table isolation off there is one set of kernel tables, so a store to an entry is seen by every CPU's next
//   walk; a CPU that has the old translation cached keeps it until it is told.

using System.Diagnostics.CodeAnalysis;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;

namespace X86Pae.Kmap.Kernel;

/// <summary>The page tables that all CPUs share, and where in the direct map each entry lies.</summary>
internal sealed class KernelPageTables
{
    private const ulong TableFlags = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty;

    private readonly ulong[] _tables = new ulong[2048]; // physical address of each 2 MiB's page table, 0 where it has none
    private readonly KernelLayout _layout;
    private readonly RamBus _memory;
    private readonly ulong[] _directories = new ulong[4];

    /// <summary>Builds the tables with paging off, straight in physical memory, as boot code does.</summary>
    /// <param name="machine">The machine, after reset.</param>
    /// <param name="layout">What is mapped where.</param>
    /// <param name="lowMemory">Where the tables are taken from.</param>
    public KernelPageTables(Machine machine, KernelLayout layout, LowMemoryAllocator lowMemory)
    {
        _layout = layout;
        _memory = new RamBus(machine.Memory);
        ulong pdpt = lowMemory.TakePage();
        Root = (uint)pdpt;
        for (int i = 0; i < _directories.Length; i++)
        {
            _directories[i] = lowMemory.TakePage();
            _memory.Store(pdpt + (8u * (uint)i), _directories[i] | EntryBits.Present);
        }

        MapLowMemory(lowMemory);
        for (uint large = layout.VmallocStart >> 21; large < _tables.Length; large++)
        {
            _tables[large] = lowMemory.TakePage();
            _memory.Store(DirectoryEntry(large << 21), _tables[large] | TableFlags);
        }
    }

    /// <summary>Physical address of the page-directory-pointer table, for CR3.</summary>
    public uint Root { get; }

    /// <summary>Linear address, in the direct map, of the page-table entry of a kernel page.</summary>
    /// <param name="address">Linear address in the vmalloc area, PKMAP or the fixmap.</param>
    /// <exception cref="ArgumentOutOfRangeException">The page has no page table.</exception>
    public uint EntryAddress(uint address)
    {
        ulong table = _tables[address >> 21];
        if (table == 0)
        {
            ThrowNoTable(address);
        }

        return _layout.PageOffset + (uint)table + (8 * ((address >> 12) & 511));
    }

    [DoesNotReturn]
    private static void ThrowNoTable(uint address) => throw new ArgumentOutOfRangeException(
        nameof(address), $"{address:X8}h", "Only the vmalloc area, PKMAP and the fixmap have page tables.");

    private void MapLowMemory(LowMemoryAllocator lowMemory)
    {
        uint start = _layout.PageOffset;
        uint largeEnd = start + (_layout.LowMemoryInBytes & ~0x1F_FFFFu);
        for (uint linear = start; linear < largeEnd; linear += 2 << 20)
        {
            ulong entry = (linear - start) | TableFlags | EntryBits.LargePage | EntryBits.Global | EntryBits.ExecuteDisable;
            _memory.Store(DirectoryEntry(linear), entry);
        }

        // The rest of the direct map is smaller than a large page.
        ulong table = lowMemory.TakePage();
        _memory.Store(DirectoryEntry(largeEnd), table | TableFlags);
        for (uint linear = largeEnd; linear < start + _layout.LowMemoryInBytes; linear += PageFrame.SizeInBytes)
        {
            _memory.Store(table + (8 * ((linear >> 12) & 511)), (linear - start) | GuestKernel.KmapProtection);
        }
    }

    private ulong DirectoryEntry(uint linear) => _directories[linear >> 30] + (8 * ((linear >> 21) & 511));
}

/// <summary>Hands out low memory from 16 MiB upwards, as the kernel's boot-time allocator does; nothing is given back.</summary>
/// <param name="sizeInBytes">Size of low memory.</param>
internal sealed class LowMemoryAllocator(uint sizeInBytes)
{
    private const int CacheLine = 64;

    private ulong _next = 16 << 20;

    /// <summary>Takes a page for a page table.</summary>
    /// <returns>Its physical address.</returns>
    public ulong TakePage() => Take(PageFrame.SizeInBytes, PageFrame.SizeInBytes);

    /// <summary>Takes memory that begins on a cache line.</summary>
    /// <param name="bytes">Its length, at least 1.</param>
    /// <returns>Its physical address.</returns>
    /// <exception cref="InvalidOperationException">Low memory is exhausted.</exception>
    public ulong Take(int bytes) => Take(bytes, CacheLine);

    private ulong Take(int bytes, uint alignment)
    {
        ulong start = (_next + alignment - 1) & ~(alignment - 1UL);
        if (start + (ulong)bytes > sizeInBytes)
        {
            throw new InvalidOperationException("The kernel's low memory is exhausted.");
        }

        _next = start + (ulong)bytes;
        return start;
    }
}
