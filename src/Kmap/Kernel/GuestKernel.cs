// The primitives that a kernel's mapping code is written in, each at its cost.
//
//   A PAE entry is written by two 32-bit stores (Linux 6.12 arch/x86/include/asm/pgtable-3level.h): set = high, then low
//   with P; clear = low with P, then high. No CPU can see P = 1 with half an address.
//
//   primitive                                    Linux                        charged to
//   LoadEntry, SetEntry, ClearEntry              ptep_get, set_pte, pte_clear Lock, EntryStore, EntryStore
//   ExchangeEntry                                ptep_get_and_clear           EntryStore (LOCK CMPXCHG8B)
//   FlushTlbOneKernel                            flush_tlb_one_kernel         Flush (INVLPG)
//   FlushTlbKernelRange, FlushTlbAll             the same names               Flush, Shootdown
//   Load, Store, ChargeProbes                    an access to kernel data     Lock
//   KernelSpinLock, WaitQueueHead, PerTask       spin_lock, wait_event, task_struct

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
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

    private const ulong BootMemoryInBytes = 64UL << 30;

    private readonly LowMemoryAllocator _lowMemory;
    private readonly KernelPageTables _tables;
    private readonly Processor[] _processors;
    private readonly KernelTask[] _current;
    private KernelCounts _counts;
    private int _tasks;

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
        _processors = machine.Processors.ToArray();
        _current = new KernelTask[machine.Processors.Length];
        _lowMemory = new LowMemoryAllocator(layout.LowMemoryInBytes);
        _tables = new KernelPageTables(machine, layout, _lowMemory);
        foreach (Processor processor in machine.Processors)
        {
            _current[processor.Index] = NewTask(0);
            if (!EnablePaging(processor, _tables.Root))
            {
                throw new ArgumentException("The machine's processors need PAE, PGE and NX.", nameof(machine));
            }

            processor.Clock.Restart(); // what booting took is no mapping's cost
        }
    }

    /// <summary>Boots a kernel on a new machine with 64 GiB of memory, 36 physical address bits and NX.</summary>
    /// <param name="model">The processors.</param>
    /// <param name="processors">How many, 1 to the number that the layout is for.</param>
    /// <param name="layout">The kernel's layout; null for the recorded kernels' (NR_CPUS 32).</param>
    /// <param name="options">How the machine carries out shootdowns, and whether its processors are siblings; null for the defaults.</param>
    /// <remarks>Of the memory only what is touched costs anything.</remarks>
    public static GuestKernel Boot(
        CpuModel model, int processors, KernelLayout? layout = null, ShootdownOptions? options = null) => new(
        new Machine(model, CpuFeatures.Pae36 with { Nx = true }, processors, BootMemoryInBytes, options),
        layout ?? new KernelLayout());

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
    public KernelTask NewTask(int pid) => new(this, _tasks++, pid);

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
    /// <paramref name="processor"/> is not one of this kernel's machine, or <paramref name="next"/> is another kernel's task.
    /// </exception>
    public void SetCurrent(Processor processor, KernelTask next)
    {
        ThrowIfForeign(processor);
        ArgumentNullException.ThrowIfNull(next);
        if (next.Kernel != this)
        {
            throw new ArgumentException("The task belongs to another kernel.", nameof(next));
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

    /// <summary>Takes low memory for a strategy's own data, as at boot (memblock_alloc); it is never given back.</summary>
    /// <param name="bytes">Its length, at least 1; it begins on a cache line and is all zero.</param>
    /// <returns>Its address in the direct map.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is less than 1.</exception>
    /// <exception cref="InvalidOperationException">Low memory is exhausted.</exception>
    public uint AllocateLowMemory(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        return Layout.PageOffset + (uint)_lowMemory.Take(bytes);
    }

    /// <summary>Reads the page-table entry of a kernel page through the direct map.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Linear address in the vmalloc area, PKMAP or the fixmap.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="address"/> has no page table.</exception>
    public ulong LoadEntry(Processor processor, uint address)
    {
        ThrowIfForeign(processor);
        return Load<ulong>(processor, _tables.EntryAddress(address), CycleAccount.Lock);
    }

    /// <summary>Writes the page-table entry of a kernel page (set_pte): high half, then low half.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Linear address in the vmalloc area, PKMAP or the fixmap.</param>
    /// <param name="entry">The new entry; <see cref="PageFrame.PhysicalAddress"/> with <see cref="KmapProtection"/> for a mapping.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="address"/> has no page table.</exception>
    public void SetEntry(Processor processor, uint address, ulong entry)
    {
        ThrowIfForeign(processor);
        uint at = _tables.EntryAddress(address);
        StoreHalf(processor, at + 4, (uint)(entry >> 32));
        StoreHalf(processor, at, (uint)entry);
    }

    /// <summary>Clears the page-table entry of a kernel page (pte_clear): low half, then high half.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Linear address in the vmalloc area, PKMAP or the fixmap.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="address"/> has no page table.</exception>
    public void ClearEntry(Processor processor, uint address)
    {
        ThrowIfForeign(processor);
        uint at = _tables.EntryAddress(address);
        StoreHalf(processor, at, 0);
        StoreHalf(processor, at + 4, 0);
    }

    /// <summary>Replaces the page-table entry of a kernel page by a LOCK CMPXCHG8B loop; with 0 it is ptep_get_and_clear.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Linear address in the vmalloc area, PKMAP or the fixmap.</param>
    /// <param name="entry">The new entry.</param>
    /// <returns>The entry as it was.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="address"/> has no page table.</exception>
    public ulong ExchangeEntry(Processor processor, uint address, ulong entry)
    {
        ThrowIfForeign(processor);
        uint at = _tables.EntryAddress(address);
        ProcessorClock clock = processor.Clock;
        var access = new Access(AccessKind.ReadModifyWrite, AccessMode.Supervisor);
        ulong old;
        bool swapped;
        do
        {
            old = Load<ulong>(processor, at, CycleAccount.EntryStore);
            _counts.EntryExchanges++;
            clock.Charge(CycleAccount.EntryStore, clock.Model.LockedRmw);
            clock.Account = CycleAccount.EntryStore;
            processor.Mmu.CompareExchange(at, access, old, entry, out swapped);
            clock.Account = CycleAccount.Work;
        }
        while (!swapped);
        return old;
    }

    /// <summary>Drops one kernel page from this CPU's TLBs (flush_tlb_one_kernel): INVLPG.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Any linear address in the page.</param>
    public void FlushTlbOneKernel(Processor processor, uint address)
    {
        ThrowIfForeign(processor);
        processor.Mmu.Invlpg(address);
    }

    /// <summary>
    /// Drops a range of kernel addresses from all CPUs' TLBs (flush_tlb_kernel_range): page by page, or by full flushes above
    /// <see cref="SinglePageFlushCeiling"/> pages.
    /// </summary>
    /// <param name="processor">The CPU that asks; its interrupts are on.</param>
    /// <param name="start">First address, a multiple of 4096.</param>
    /// <param name="end">End of the range, a multiple of 4096.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="end"/> is not above <paramref name="start"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="processor"/> is not one of this kernel's machine.</exception>
    /// <exception cref="InvalidOperationException">Interrupts are off on the CPU: a deadlock.</exception>
    public void FlushTlbKernelRange(Processor processor, uint start, uint end)
    {
        ThrowIfForeign(processor);
        TlbFlush flush = TlbFlush.Range(start, end);
        bool isFull = flush.PageCount > SinglePageFlushCeiling;
        if (isFull)
        {
            FlushTlbAll(processor);
        }
        else
        {
            Machine.Flush(processor, flush);
        }

        Flushes++;
        LastFlush = new FlushRecord(start, end, processor.Index, isFull, ulong.MaxValue >> (64 - Machine.Processors.Length));
    }

    /// <summary>Drops everything, global translations included, from all CPUs' TLBs (flush_tlb_all).</summary>
    /// <param name="processor">The CPU that asks; its interrupts are on.</param>
    /// <exception cref="ArgumentException"><paramref name="processor"/> is not one of this kernel's machine.</exception>
    /// <exception cref="InvalidOperationException">Interrupts are off on the CPU: a deadlock.</exception>
    public void FlushTlbAll(Processor processor)
    {
        ThrowIfForeign(processor);
        Machine.Flush(processor, TlbFlush.All);
        _counts.FullFlushes += Machine.Processors.Length;
    }

    /// <summary>Reads four bytes of the kernel's own data through the timed MMU and data caches.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Linear address in the direct map, such as <see cref="AllocateLowMemory"/> returns.</param>
    /// <exception cref="ArgumentOutOfRangeException">Nothing is mapped at <paramref name="address"/>.</exception>
    public uint Load(Processor processor, uint address)
    {
        ThrowIfForeign(processor);
        return Load<uint>(processor, address, CycleAccount.Lock);
    }

    /// <summary>Writes four bytes of the kernel's own data through the timed MMU and data caches.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Linear address in the direct map, such as <see cref="AllocateLowMemory"/> returns.</param>
    /// <param name="value">The new value.</param>
    /// <exception cref="ArgumentOutOfRangeException">Nothing is mapped at <paramref name="address"/>.</exception>
    public void Store(Processor processor, uint address, uint value)
    {
        ThrowIfForeign(processor);
        Store(processor, address, value, CycleAccount.Lock);
    }

    /// <summary>
    /// Charges for looking at data that is kept outside of emulated memory: one load that hits the first-level cache for each item.
    /// </summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="items">How many items, 0 or more.</param>
    public void ChargeProbes(Processor processor, int items)
    {
        ThrowIfForeign(processor);
        processor.Clock.Charge(CycleAccount.Lock, (long)items * processor.Clock.Model.L1.LoadToUse.Value);
    }

    internal void CountLock(bool waited)
    {
        _counts.LockAcquisitions++;
        _counts.LockContentions += waited ? 1 : 0;
    }

    // Inlined: it is part of every primitive.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ThrowIfForeign(Processor processor)
    {
        ArgumentNullException.ThrowIfNull(processor);
        Processor[] processors = _processors;
        if ((uint)processor.Index >= (uint)processors.Length || processors[processor.Index] != processor)
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

    [DoesNotReturn]
    private static void ThrowNotMapped(uint address) =>
        throw new ArgumentOutOfRangeException(nameof(address), $"{address:X8}h", "The kernel has nothing mapped there.");

    private static bool EnablePaging(Processor processor, uint pdpt)
    {
        Mmu<RamBus, CycleTiming> mmu = processor.Mmu;
        return mmu.WriteEfer((ulong)Efer.ExecuteDisableEnable)
            && mmu.WriteCr3(pdpt)
            && mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageSizeExtensions | Cr4.PageGlobalEnable))
            && mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.WriteProtect | Cr0.Paging));
    }

    private static T Load<T>(Processor processor, uint at, CycleAccount account)
        where T : unmanaged
    {
        processor.Clock.Account = account;
        AccessResult result = processor.Mmu.Read(at, Access.SupervisorRead, out T value);
        processor.Clock.Account = CycleAccount.Work;
        if (result.IsFault)
        {
            ThrowNotMapped(at);
        }

        return value;
    }

    private static void Store(Processor processor, uint at, uint value, CycleAccount account)
    {
        processor.Clock.Account = account;
        AccessResult result = processor.Mmu.Write(at, Access.SupervisorWrite, value);
        processor.Clock.Account = CycleAccount.Work;
        if (result.IsFault)
        {
            ThrowNotMapped(at);
        }
    }

    private void StoreHalf(Processor processor, uint at, uint value)
    {
        _counts.EntryStores++;
        Store(processor, at, value, CycleAccount.EntryStore);
    }
}

/// <summary>What the kernel's mapping code has done on all CPUs.</summary>
public record struct KernelCounts
{
    /// <summary>32-bit stores to page-table entries; setting or clearing a PAE entry takes two.</summary>
    public long EntryStores { get; internal set; }

    /// <summary>Locked 64-bit exchanges of page-table entries (CMPXCHG8B).</summary>
    public long EntryExchanges { get; internal set; }

    /// <summary>Full TLB flushes, each CPU that ran one counted.</summary>
    public long FullFlushes { get; internal set; }

    /// <summary>Locks acquired.</summary>
    public long LockAcquisitions { get; internal set; }

    /// <summary>Locks that had to be waited for.</summary>
    public long LockContentions { get; internal set; }
}

/// <summary>A flush of a range of kernel addresses on all CPUs (flush_tlb_kernel_range), as it was carried out.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">End of the range.</param>
/// <param name="Initiator">The CPU that asked for it.</param>
/// <param name="IsFull">Whether it was done by full flushes, not page by page.</param>
/// <param name="Processors">CPUs that ran it, bit n for CPU n.</param>
public readonly record struct FlushRecord(uint Start, uint End, int Initiator, bool IsFull, ulong Processors);
