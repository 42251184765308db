// The bare guest of the experiments: some pages mapped, and nothing else.
//
//   physical   1 MiB: PDPT (or nothing), page directory, page tables, then frames in address order over the pages mapped
//   entries    present, writable, accessed and dirty: the first access of a page costs a walk and no assist

using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Lab.Experiments;

/// <summary>One emulated processor with paging on and a set of 4-KiB pages mapped; its caches are empty.</summary>
internal sealed class GuestPages
{
    /// <summary>Size of a page in bytes.</summary>
    public const int PageSize = 4096;

    /// <summary>
    /// Where experiments begin: entry 640 of 1,024 in a two-level table, entry 128 of 512 in a PAE one. Few buffers start where a
    /// table does.
    /// </summary>
    public const uint Block = 0x4028_0000;

    /// <summary>Physical address of the tables that CR3 points to.</summary>
    public const uint Tables = 0x10_0000;

    private const int LineBytes = 64;
    private const int LinesInPage = PageSize / LineBytes;
    private const int FirstLine = 8; // clear of the lines in which directories begin
    private const ulong MemoryInBytes = 1UL << 30;
    private const ulong Flags = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty;

    private readonly bool _pae;
    private readonly GuestMemory _memory;
    private readonly TlbConfiguration _tlbs;

    /// <summary>Maps pages and switches paging on.</summary>
    /// <param name="model">The processor.</param>
    /// <param name="pae">Whether with PAE tables, or with two-level ones.</param>
    /// <param name="pages">Linear addresses of the pages, ascending and within one GiB; frames are given out in this order.</param>
    /// <param name="hasSibling">Whether <see cref="CreateSibling"/> is going to be called.</param>
    public GuestPages(CpuModel model, bool pae, IReadOnlyList<uint> pages, bool hasSibling = false)
        : this(pae, new GuestMemory(MemoryInBytes), new ProcessorClock(model), hasSibling ? model.Tlbs.ForSiblings() : model.Tlbs, null)
    {
        Map(new RamBus(_memory), pages);
        EnablePaging();
    }

    private GuestPages(bool pae, GuestMemory memory, ProcessorClock clock, TlbConfiguration tlbs, GuestPages? sibling)
    {
        _pae = pae;
        _memory = memory;
        _tlbs = tlbs;
        Clock = clock;
        CpuFeatures features = CpuFeatures.Pae36 with { Invpcid = clock.Model.Invpcid is not null };
        Mmu = new Mmu<RamBus, CycleTiming>(new RamBus(memory), new CycleTiming(clock), features, tlbs, options: null, sibling?.Mmu);
    }

    /// <summary>The other thread of the core, with the same pages; its paging is on as well.</summary>
    public GuestPages CreateSibling()
    {
        var sibling = new GuestPages(_pae, _memory, Clock.CreateSibling(), _tlbs, this);
        sibling.EnablePaging();
        return sibling;
    }

    /// <summary>The processor's clock.</summary>
    public ProcessorClock Clock { get; }

    /// <summary>The processor's MMU.</summary>
    public Mmu<RamBus, CycleTiming> Mmu { get; }

    /// <summary>Pages at equal distances.</summary>
    /// <param name="count">How many.</param>
    /// <param name="step">Distance from one to the next, in pages.</param>
    /// <param name="first">Linear address of the first.</param>
    public static uint[] List(int count, int step = 1, uint first = Block)
    {
        var pages = new uint[count];
        for (int i = 0; i < count; i++)
        {
            pages[i] = first + ((uint)(i * step) * PageSize);
        }

        return pages;
    }

    /// <summary>A byte of one of the pages of such a list, in another line of each: pages do not compete for one cache set.</summary>
    /// <param name="page">Which page, from 0.</param>
    /// <param name="step">Distance from one page to the next, in pages.</param>
    public static uint Place(int page, int step = 1) =>
        Block + (uint)((page * step * PageSize) + ((page + FirstLine) % LinesInPage * LineBytes));

    /// <summary>Loads one byte.</summary>
    /// <param name="linear">Its linear address, in a page that is mapped.</param>
    /// <returns>Cycles that the load took.</returns>
    public long Load(uint linear)
    {
        long start = Clock.Now;
        Mmu.Read(linear, Access.SupervisorRead, out byte _);
        return Clock.Now - start;
    }

    private void EnablePaging()
    {
        bool enabled = Mmu.WriteCr3(Tables)
            && Mmu.WriteCr4((uint)((_pae ? Cr4.PhysicalAddressExtension : Cr4.None) | Cr4.PageGlobalEnable))
            && Mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging));
        if (!enabled)
        {
            throw new InvalidOperationException("The processor refuses its own tables.");
        }
    }

    private void Map(RamBus bus, IReadOnlyList<uint> pages)
    {
        const uint Directory = Tables + PageSize;
        int reachShift = _pae ? 21 : 22;
        uint firstReach = pages[0] >> reachShift;
        uint tables = Tables + (2 * PageSize);
        uint frame = tables + (((pages[^1] >> reachShift) - firstReach + 2) * PageSize);
        if (_pae)
        {
            bus.Store(Tables + (8 * (pages[0] >> 30)), (ulong)Directory | EntryBits.Present);
        }

        foreach (uint linear in pages)
        {
            uint table = tables + (((linear >> reachShift) - firstReach) * PageSize);
            if (_pae)
            {
                bus.Store(Directory + (8 * ((linear >> 21) & 511)), table | Flags);
                bus.Store(table + (8 * ((linear >> 12) & 511)), frame | Flags);
            }
            else
            {
                bus.Store(Tables + (4 * (linear >> 22)), table | (uint)Flags);
                bus.Store(table + (4 * ((linear >> 12) & 1023)), frame | (uint)Flags);
            }

            frame += PageSize;
        }
    }
}
