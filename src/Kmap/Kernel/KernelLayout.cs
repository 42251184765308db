// Linear address space of a 32-bit Linux kernel with PAE, from the top down. Linux 6.12: arch/x86/include/asm/
// pgtable_32_areas.h, fixmap.h, highmem.h; arch/x86/mm/init_32.c.
//
//   FFFFF000  FIXADDR_TOP; index n of the fixmap is the page FIXADDR_TOP - n * 4 KiB
//             .. 68 other pages, then KM_MAX_IDX * NR_CPUS pages for kmap_local and kmap_atomic, boot-time slots
//             CPU entry areas
//             LDT remap
//             PKMAP: 512 pages for kmap, one page table
//             two pages of gap
//             vmalloc area: 120 MiB
//             8 MiB of gap
//             direct map of low memory
//   C0000000  PAGE_OFFSET

using System.Diagnostics.CodeAnalysis;

namespace X86Pae.Kmap.Kernel;

/// <summary>Where a 32-bit Linux kernel with PAE keeps its mappings; computed from its configuration as the kernel does.</summary>
public sealed record KernelLayout
{
    /// <summary>Slots of the persistent kmap pool with PAE: one page table (LAST_PKMAP).</summary>
    public const int PkmapSlots = 512;

    /// <summary>FIXADDR_TOP, the address of fixmap index 0.</summary>
    public const uint FixmapTop = 0xFFFF_F000;

    private const uint PageSize = PageFrame.SizeInBytes;
    private const uint LargePageMask = 0xFFE0_0000;
    private const uint VmallocReserve = 128 << 20;
    private const uint VmallocOffset = 8 << 20;
    private const int BootTimeSlots = 512;

    /// <summary>Computes a layout.</summary>
    /// <param name="processors">NR_CPUS the kernel was built for, 1 to 64; not the number that is online.</param>
    /// <param name="kmapMaxIndex">KM_MAX_IDX: 16, or 33 with CONFIG_DEBUG_KMAP_LOCAL.</param>
    /// <param name="fixmapKmapBegin">FIX_KMAP_BEGIN, the fixmap index of the first kmap_local slot.</param>
    /// <param name="pageOffset">PAGE_OFFSET, where the direct map begins.</param>
    /// <param name="cpuEntryAreaPages">Pages of one CPU's entry area; UNSURE, and anything from 40 to 47 gives the same layout.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public KernelLayout(
        int processors = 32,
        int kmapMaxIndex = 16,
        int fixmapKmapBegin = 68,
        uint pageOffset = 0xC000_0000,
        int cpuEntryAreaPages = 40)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(processors, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(processors, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(kmapMaxIndex, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kmapMaxIndex, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(fixmapKmapBegin, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fixmapKmapBegin, 512);
        ArgumentOutOfRangeException.ThrowIfLessThan(cpuEntryAreaPages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cpuEntryAreaPages, 63);
        if (pageOffset is not (0x4000_0000 or 0x8000_0000 or 0xC000_0000))
        {
            throw new ArgumentOutOfRangeException(
                nameof(pageOffset), pageOffset, "With PAE the direct map begins at a whole GiB: 40000000, 80000000 or C0000000.");
        }

        Processors = processors;
        KmapMaxIndex = kmapMaxIndex;
        FixmapKmapBegin = fixmapKmapBegin;
        PageOffset = pageOffset;

        // The boot-time slots start at the next multiple of 512 unless they would not cross one (asm/fixmap.h).
        int permanent = fixmapKmapBegin + (kmapMaxIndex * processors) + 3;
        int bootBegin = (permanent / BootTimeSlots) == ((permanent + BootTimeSlots - 1) / BootTimeSlots)
            ? permanent
            : (permanent + BootTimeSlots) / BootTimeSlots * BootTimeSlots;
        uint fixmapStart = FixmapTop - ((uint)(bootBegin + BootTimeSlots) * PageSize);
        uint cpuEntryArea = (fixmapStart - (PageSize * ((uint)(processors * cpuEntryAreaPages) + 1))) & LargePageMask;
        uint ldt = (cpuEntryArea - PageSize) & LargePageMask;
        PkmapBase = (ldt - PageSize) & LargePageMask;
        VmallocEnd = PkmapBase - (2 * PageSize);
        LowMemoryInBytes = VmallocEnd - pageOffset - VmallocReserve;
        VmallocStart = pageOffset + LowMemoryInBytes + VmallocOffset;
    }

    /// <summary>NR_CPUS.</summary>
    public int Processors { get; }

    /// <summary>KM_MAX_IDX, slots of one CPU for kmap_local and kmap_atomic.</summary>
    public int KmapMaxIndex { get; }

    /// <summary>FIX_KMAP_BEGIN.</summary>
    public int FixmapKmapBegin { get; }

    /// <summary>PAGE_OFFSET.</summary>
    public uint PageOffset { get; }

    /// <summary>PKMAP_BASE, address of slot 0 of the persistent kmap pool.</summary>
    public uint PkmapBase { get; }

    /// <summary>End of the persistent kmap pool.</summary>
    public uint PkmapEnd => PkmapBase + (PkmapSlots * PageSize);

    /// <summary>VMALLOC_START.</summary>
    public uint VmallocStart { get; }

    /// <summary>VMALLOC_END.</summary>
    public uint VmallocEnd { get; }

    /// <summary>Largest size of the direct map (MAXMEM); memory beyond it is high memory.</summary>
    public uint LowMemoryInBytes { get; }

    /// <summary>Lowest address of the kmap_local window: its last slot.</summary>
    public uint KmapLocalStart => FixmapAddress(FixmapKmapBegin + (KmapMaxIndex * Processors) - 1);

    /// <summary>End of the kmap_local window, just above its first slot.</summary>
    public uint KmapLocalEnd => FixmapAddress(FixmapKmapBegin) + PageSize;

    /// <summary>Address of a page of the fixmap (__fix_to_virt).</summary>
    /// <param name="index">Its index, 0 or more; addresses fall as it grows.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is no page below <see cref="FixmapTop"/>.</exception>
    public static uint FixmapAddress(int index)
    {
        if ((uint)index > FixmapTop / PageSize)
        {
            ThrowOutOfRange(nameof(index), index);
        }

        return FixmapTop - ((uint)index * PageSize);
    }

    /// <summary>Address of a slot of the kmap_local window.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="depth">Nesting depth, 0 to <see cref="KmapMaxIndex"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such CPU, or no such depth.</exception>
    public uint KmapLocalAddress(int processor, int depth)
    {
        if ((uint)processor >= (uint)Processors)
        {
            ThrowOutOfRange(nameof(processor), processor);
        }

        if ((uint)depth >= (uint)KmapMaxIndex)
        {
            ThrowOutOfRange(nameof(depth), depth);
        }

        return FixmapAddress(FixmapKmapBegin + depth + (KmapMaxIndex * processor));
    }

    /// <summary>Whether an address lies in the kmap_local window.</summary>
    /// <param name="address">Linear byte address.</param>
    public bool IsKmapLocal(uint address) => address >= KmapLocalStart && address < KmapLocalEnd;

    [DoesNotReturn]
    private static void ThrowOutOfRange(string parameter, int value) =>
        throw new ArgumentOutOfRangeException(parameter, value, "The kernel is not laid out for it.");
}
