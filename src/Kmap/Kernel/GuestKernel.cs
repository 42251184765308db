// The kernel's side of the machine: its page tables in guest memory, and the primitives its mapping code is written in.
//
//   CR3 of every CPU -> PDPT -> four page directories -> direct map in 2-MiB pages (global)
//                                                     -> page tables of vmalloc area, PKMAP and fixmap, built at boot
//
//   With page table isolation off there is one set of kernel tables, so a store to an entry is seen by every CPU's next
//   walk; a CPU that has the old translation cached keeps it until it is told.
//
//   A PAE entry is written by two 32-bit stores (Linux 6.12 arch/x86/include/asm/pgtable-3level.h): set = high, then low
//   with P; clear = low with P, then high. No CPU can see P = 1 with half an address.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Kmap.Kernel;

/// <summary>An emulated 32-bit Linux kernel with PAE and high memory, as far as mappings go.</summary>
/// <remarks>
/// It touches the machine only as a kernel can: stores through the direct map, INVLPG, control-register writes, interrupts.
/// Page table isolation is off and INVPCID is not used, as on the 32-bit processors modelled.
/// </remarks>
public sealed class GuestKernel
{
    /// <summary>Protection of a temporary mapping, kmap_prot: P, R/W, A, D, G, XD.</summary>
    public const ulong KmapProtection = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty
        | EntryBits.Global | EntryBits.ExecuteDisable;

    /// <summary>Largest range that is flushed page by page (tlb_single_page_flush_ceiling), in pages.</summary>
    public const int SinglePageFlushCeiling = 33;

    private const uint TablesStart = 16 << 20;
    private const ulong TableFlags = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty;

    private readonly ulong[] _tables = new ulong[2048]; // physical address of each 2 MiB's page table, 0 where it has none
    private readonly KernelTask[] _current;
    private KernelCounts _counts;
    private ulong _nextTable = TablesStart;

    /// <summary>Boots: builds the page tables and switches every CPU to PAE paging with global pages and NX.</summary>
    /// <param name="machine">A machine after reset, with NX and PGE, and memory beyond the direct map.</param>
    /// <param name="layout">Where the kernel keeps its mappings; for at least as many CPUs as the machine has.</param>
    /// <exception cref="ArgumentException">The machine has more CPUs than the layout, too little memory, or lacks NX or PGE.</exception>
    public GuestKernel(Machine machine, KernelLayout layout)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(layout);
        if (machine.Processors.Length > layout.Processors)
        {
            throw new ArgumentException(
                $"The machine has {machine.Processors.Length} CPUs, and the kernel is laid out for {layout.Processors}.",
                nameof(machine));
        }

        if (machine.Memory.SizeInBytes <= layout.LowMemoryInBytes)
        {
            throw new ArgumentException("The machine has no high memory.", nameof(machine));
        }

        Machine = machine;
        Layout = layout;
        _current = new KernelTask[machine.Processors.Length];
        uint pdpt = BuildTables();
        foreach (Processor processor in machine.Processors)
        {
            _current[processor.Index] = NewTask(0);
            if (!EnablePaging(processor, pdpt))
            {
                throw new ArgumentException("The machine's processors need PAE, PGE and NX.", nameof(machine));
            }

            processor.Clock.Restart(); // what booting took is no mapping's cost
        }
    }

    /// <summary>The machine it runs on.</summary>
    public Machine Machine { get; }

    /// <summary>Where it keeps its mappings.</summary>
    public KernelLayout Layout { get; }

    /// <summary>What its mapping code has done so far.</summary>
    public KernelCounts Counts => _counts;

    /// <summary>The last flush of a range on all CPUs; all zero before the first.</summary>
    public FlushRecord LastFlush { get; private set; }

    /// <summary>Number of flushes of a range on all CPUs so far.</summary>
    public long Flushes { get; private set; }

    /// <summary>Creates a task.</summary>
    /// <param name="pid">Its identifier.</param>
    public KernelTask NewTask(int pid) => new(pid, Layout.KmapMaxIndex);

    /// <summary>The task that runs on a CPU.</summary>
    /// <param name="processor">The CPU.</param>
    /// <exception cref="ArgumentException"><paramref name="processor"/> is not one of this kernel's machine.</exception>
    public KernelTask Current(Processor processor)
    {
        ThrowIfForeign(processor);
        return _current[processor.Index];
    }

    /// <summary>Makes a task the one that runs on a CPU; a strategy's own switch work is done around this.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="next">The task.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="processor"/> is not one of this kernel's machine, or <paramref name="next"/> is a task of a kernel that is
    /// laid out otherwise.
    /// </exception>
    public void SetCurrent(Processor processor, KernelTask next)
    {
        ThrowIfForeign(processor);
        ArgumentNullException.ThrowIfNull(next);
        if (next.SavedEntries.Length != Layout.KmapMaxIndex)
        {
            throw new ArgumentException("The task belongs to a kernel with another KM_MAX_IDX.", nameof(next));
        }

        _current[processor.Index] = next;
    }

    /// <summary>Whether a page frame is always mapped, at its address in the direct map.</summary>
    /// <param name="frame">The page frame.</param>
    public bool IsLowMemory(PageFrame frame) => frame.PhysicalAddress < Layout.LowMemoryInBytes;

    /// <summary>Address of a page frame of low memory in the direct map (__va).</summary>
    /// <param name="frame">The page frame; must be low memory.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="frame"/> is not low memory.</exception>
    public uint DirectAddress(PageFrame frame)
    {
        if (!IsLowMemory(frame))
        {
            ThrowNotLowMemory(frame);
        }

        return Layout.PageOffset + (uint)frame.PhysicalAddress;
    }

    /// <summary>Reads the page-table entry of a kernel page through the direct map.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Linear address in the vmalloc area, PKMAP or the fixmap.</param>
    internal ulong LoadEntry(Processor processor, uint address)
    {
        processor.Clock.Account = CycleAccount.Lock;
        ulong entry = ReadTable(processor, EntryAddress(address));
        processor.Clock.Account = CycleAccount.Work;
        return entry;
    }

    /// <summary>Writes the page-table entry of a kernel page (set_pte): high half, then low half.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Linear address in the vmalloc area, PKMAP or the fixmap.</param>
    /// <param name="entry">The new entry.</param>
    internal void SetEntry(Processor processor, uint address, ulong entry)
    {
        uint at = EntryAddress(address);
        StoreHalf(processor, at + 4, (uint)(entry >> 32));
        StoreHalf(processor, at, (uint)entry);
    }

    /// <summary>Clears the page-table entry of a kernel page (pte_clear): low half, then high half.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Linear address in the vmalloc area, PKMAP or the fixmap.</param>
    internal void ClearEntry(Processor processor, uint address)
    {
        uint at = EntryAddress(address);
        StoreHalf(processor, at, 0);
        StoreHalf(processor, at + 4, 0);
    }

    /// <summary>Clears the page-table entry of a kernel page by a locked exchange (ptep_get_and_clear).</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Linear address in the vmalloc area, PKMAP or the fixmap.</param>
    /// <returns>The entry as it was.</returns>
    internal ulong GetAndClearEntry(Processor processor, uint address)
    {
        uint at = EntryAddress(address);
        ProcessorClock clock = processor.Clock;
        clock.Account = CycleAccount.EntryStore;
        var access = new Access(AccessKind.ReadModifyWrite, AccessMode.Supervisor);
        ulong entry;
        bool swapped;
        do
        {
            entry = ReadTable(processor, at);
            _counts.EntryExchanges++;
            clock.Charge(CycleAccount.EntryStore, clock.Model.LockedRmw);
            processor.Mmu.CompareExchange(at, access, entry, 0, out swapped);
        }
        while (!swapped);
        clock.Account = CycleAccount.Work;
        return entry;
    }

    /// <summary>Drops one kernel page from this CPU's TLBs (flush_tlb_one_kernel).</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Any linear address in the page.</param>
    internal static void FlushTlbOneKernel(Processor processor, uint address) => processor.Mmu.Invlpg(address);

    /// <summary>Drops a range of kernel addresses from all CPUs' TLBs (flush_tlb_kernel_range).</summary>
    /// <param name="processor">The CPU that asks; its interrupts are on.</param>
    /// <param name="start">First address, a multiple of 4096.</param>
    /// <param name="end">End of the range, a multiple of 4096.</param>
    internal void FlushTlbKernelRange(Processor processor, uint start, uint end)
    {
        TlbFlush flush = TlbFlush.Range(start, end);
        if (flush.PageCount > SinglePageFlushCeiling)
        {
            flush = TlbFlush.All;
            _counts.FullFlushes += Machine.Processors.Length;
        }

        Machine.Flush(processor, flush);
        Flushes++;
        LastFlush = new FlushRecord(start, end, processor.Index, flush.IsFull, ulong.MaxValue >> (64 - Machine.Processors.Length));
    }

    /// <summary>Takes a spinlock, interrupts left on.</summary>
    internal void Lock(Processor processor, KernelSpinLock spinLock) => spinLock.Acquire(processor, ref _counts);

    /// <summary>Takes a spinlock with interrupts off.</summary>
    internal void LockIrqSave(Processor processor, KernelSpinLock spinLock) => spinLock.AcquireIrqSave(processor, ref _counts);

    /// <summary>Charges for looking at the kernel's own data: one load that hits the first-level cache for each item.</summary>
    internal static void ChargeProbes(Processor processor, int items) =>
        processor.Clock.Charge(CycleAccount.Lock, (long)items * processor.Clock.Model.L1.LoadToUse.Value);

    private void ThrowIfForeign(Processor processor)
    {
        if (!Machine.Contains(processor))
        {
            ThrowForeign();
        }
    }

    [DoesNotReturn]
    private static void ThrowForeign() =>
        throw new ArgumentException("The processor belongs to another machine.", "processor");

    [DoesNotReturn]
    private static void ThrowNotLowMemory(PageFrame frame) =>
        throw new ArgumentOutOfRangeException(nameof(frame), frame, "High memory has no address in the direct map.");

    private static bool EnablePaging(Processor processor, uint pdpt)
    {
        Mmu<RamBus, CycleTiming> mmu = processor.Mmu;
        return mmu.WriteEfer((ulong)Efer.ExecuteDisableEnable)
            && mmu.WriteCr3(pdpt)
            && mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageSizeExtensions | Cr4.PageGlobalEnable))
            && mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.WriteProtect | Cr0.Paging));
    }

    /// <summary>Builds the tables with paging off, straight in physical memory, as boot code does.</summary>
    /// <returns>Physical address of the page-directory-pointer table.</returns>
    private uint BuildTables()
    {
        var memory = new RamBus(Machine.Memory);
        ulong pdpt = TakeTable();
        var directories = new ulong[4];
        for (int i = 0; i < directories.Length; i++)
        {
            directories[i] = TakeTable();
            memory.Store(pdpt + (8u * (uint)i), directories[i] | EntryBits.Present);
        }

        uint lowEnd = Layout.PageOffset + (Layout.LowMemoryInBytes & ~0x1F_FFFFu);
        for (uint linear = Layout.PageOffset; linear < lowEnd; linear += 2 << 20)
        {
            ulong entry = (linear - Layout.PageOffset) | TableFlags | EntryBits.LargePage | EntryBits.Global | EntryBits.ExecuteDisable;
            memory.Store(DirectoryEntry(directories, linear), entry);
        }

        // What is left of the direct map does not fill a large page.
        ulong tail = TakeTable();
        memory.Store(DirectoryEntry(directories, lowEnd), tail | TableFlags);
        for (uint linear = lowEnd; linear < Layout.PageOffset + Layout.LowMemoryInBytes; linear += PageFrame.SizeInBytes)
        {
            memory.Store(tail + (8 * ((linear >> 12) & 511)), (linear - Layout.PageOffset) | KmapProtection);
        }

        for (uint large = Layout.VmallocStart >> 21; large < _tables.Length; large++)
        {
            _tables[large] = TakeTable();
            memory.Store(DirectoryEntry(directories, large << 21), _tables[large] | TableFlags);
        }

        return (uint)pdpt;
    }

    private static ulong DirectoryEntry(ulong[] directories, uint linear) =>
        directories[linear >> 30] + (8 * ((linear >> 21) & 511));

    private ulong TakeTable()
    {
        ulong table = _nextTable;
        _nextTable += PageFrame.SizeInBytes;
        return table;
    }

    /// <summary>Linear address, in the direct map, of the page-table entry of a kernel page.</summary>
    private uint EntryAddress(uint address)
    {
        ulong table = _tables[address >> 21];
        Debug.Assert(table != 0, "Only the vmalloc area, PKMAP and the fixmap have page tables.");
        return Layout.PageOffset + (uint)table + (8 * ((address >> 12) & 511));
    }

    private void StoreHalf(Processor processor, uint at, uint value)
    {
        _counts.EntryStores++;
        processor.Clock.Account = CycleAccount.EntryStore;
        AccessResult result = processor.Mmu.Write(at, Access.SupervisorWrite, value);
        processor.Clock.Account = CycleAccount.Work;
        Debug.Assert(!result.IsFault, "The direct map is always there.");
    }

    private static ulong ReadTable(Processor processor, uint at)
    {
        AccessResult result = processor.Mmu.Read(at, Access.SupervisorRead, out ulong entry);
        Debug.Assert(!result.IsFault, "The direct map is always there.");
        return entry;
    }
}
