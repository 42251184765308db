// Tables in which every stage of a change can be told from the others, for any small page:
//
//   directory entry     table entry     frame      may be answered while
//   Table, A            A               First      the page's translations have not been invalidated
//   Table, A            A               Second     the same
//   OtherTable, A       A               Third      always: it is what memory says
//   Table, A            A clear         Fourth     the directory entries for the page have not been invalidated

using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Caches;

/// <summary>A guest of PAE or two-level paging whose translations have a history.</summary>
internal sealed class HistoryGuest
{
    public const uint First = 0x1_0000;
    public const uint Second = 0x2_0000;
    public const uint Third = 0x3_0000;
    public const uint Fourth = 0x4_0000;

    /// <summary>P, R/W, U/S and A.</summary>
    public const uint Flags = 0x27;
    public const uint Accessed = 0x20;
    public const uint Dirty = 0x40;
    public const uint LargePage = 0x80;
    public const uint Global = 0x100;

    private const uint Pdpt = 0x1000;
    private const uint Directory = 0x2000;
    private const uint FirstTable = 0x8000; // region n: tables at 8000h + 2000h * n and at 9000h + 2000h * n
    private const uint CrPaging = 0x8000_0001;

    private readonly RamBus _bus = new(new GuestMemory(0x10_0000));
    private readonly ControlRegisters _registers = new(CpuFeatures.Full40);
    private readonly bool _pae;

    public HistoryGuest(bool pae = true, Cr4 more = Cr4.None)
    {
        RamBus bus = _bus;
        _pae = pae;
        bus.Store(Pdpt, (ulong)Directory | 1);
        _registers.WriteCr4((uint)(Cr4.PageGlobalEnable | more | (pae ? Cr4.PhysicalAddressExtension : Cr4.PageSizeExtensions)), ref bus);
        _registers.WriteCr3(pae ? Pdpt : Directory, ref bus);
        _registers.WriteCr0(CrPaging, ref bus);
    }

    public ref readonly PagingState State => ref _registers.State;

    public static uint Table(uint region) => FirstTable + (0x2000 * region);

    public static uint OtherTable(uint region) => Table(region) + 0x1000;

    public TranslationHistory<RamBus> History(params uint[] pages) => new(_bus, in State, pages);

    public void PagingOff()
    {
        RamBus bus = _bus;
        _registers.WriteCr0(1, ref bus);
    }

    public uint Region(uint linear) => linear >> (_pae ? 21 : 22);

    public void SetPde(uint linear, ulong entry) => Store(Directory, Region(linear), entry);

    public void SetPte(uint table, uint linear, ulong entry) => Store(table, (linear >> 12) & (_pae ? 511u : 1023), entry);

    /// <summary>Puts a small page through the changes at the head of this file, its history looking on.</summary>
    public TranslationHistory<RamBus> Change(uint more, params uint[] pages)
    {
        foreach (uint page in pages)
        {
            SetPde(page, Table(Region(page)) | Flags);
            SetPte(Table(Region(page)), page, First | Flags | more);
        }

        TranslationHistory<RamBus> history = History(pages);
        Array.ForEach(pages, page => SetPte(Table(Region(page)), page, Second | Flags | more));
        history.Observe(in State);
        foreach (uint page in pages)
        {
            SetPde(page, OtherTable(Region(page)) | Flags);
            SetPte(OtherTable(Region(page)), page, Third | Flags | more);
        }

        history.Observe(in State);
        Array.ForEach(pages, page => SetPte(Table(Region(page)), page, Fourth | (Flags & ~Accessed) | more));
        history.Observe(in State);
        return history;
    }

    /// <summary>The frames that a user's access may reach, memory's own first; null for a page fault.</summary>
    public static IEnumerable<uint?> Frames(TranslationHistory<RamBus> history, uint linear, Access access = default) =>
        history.Permitted(linear, access)
            .Select(result => result.IsFault ? null : (uint?)(uint)(result.PhysicalAddress & ~0xFFFUL));

    private void Store(uint table, uint index, ulong entry)
    {
        if (_pae)
        {
            _bus.Store(table + (8 * index), entry);
        }
        else
        {
            _bus.Store(table + (4 * index), (uint)entry);
        }
    }
}
